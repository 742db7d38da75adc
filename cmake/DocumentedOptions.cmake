# The long options of all tools, as the pages of section 1 list them: a tool that meets a variable
# HEPCAP_… which it does not read knows by them whether another tool does.
# documented_options(OUTPUT) writes the header that holds them.

function(documented_options output)
    file(GLOB pages CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/man/*.1" "${PROJECT_SOURCE_DIR}/man/common-*.mdoc")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${pages})
    set(names "")
    foreach(page IN LISTS pages)
        file(STRINGS "${page}" items REGEX "^\\.It .*Fl -[a-z]")
        foreach(item IN LISTS items)
            string(REGEX MATCHALL "Fl -[a-z][a-z0-9-]*" options "${item}")
            list(TRANSFORM options REPLACE "^Fl -" "")
            list(APPEND names ${options})
        endforeach()
    endforeach()
    list(REMOVE_DUPLICATES names)
    list(SORT names)
    # --no-x beside --x is the other value of the same variable.
    foreach(name IN LISTS names)
        list(REMOVE_ITEM names "no-${name}")
    endforeach()
    list(LENGTH names count)
    list(JOIN names "\", \"" names)
    file(CONFIGURE OUTPUT "${output}" @ONLY CONTENT [[
// Made by cmake/DocumentedOptions.cmake from man/.
#pragma once

#include <array>
#include <string_view>

namespace hepcap::cli {

inline constexpr std::array<std::string_view, @count@> documented_options{"@names@"};

}  // namespace hepcap::cli
]])
endfunction()
