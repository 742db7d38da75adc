# The schema files of sql/ travel inside the binary: a database is made without a data directory.
# embed_sql(OUTPUT) writes a source file that defines hepcap::sink::embedded_sql() over all of them.
# A raw string literal holds each file as it is; its delimiter is checked not to occur in the text.

function(embed_sql output)
    file(GLOB_RECURSE files CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/sql/*.sql")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${files})
    set(rows "")
    foreach(file IN LISTS files)
        file(RELATIVE_PATH path "${PROJECT_SOURCE_DIR}/sql" "${file}")
        file(READ "${file}" text)
        if(text MATCHES "\\)hepcap_sql\"")
            message(FATAL_ERROR "${file} contains the delimiter of the literal that is to hold it")
        endif()
        string(APPEND rows "    {\"${path}\", R\"hepcap_sql(${text})hepcap_sql\"},\n")
    endforeach()
    list(LENGTH files count)
    if(count EQUAL 0)
        set(rows "    {\"\", \"\"},\n")
        set(count 1)
    endif()
    file(CONFIGURE OUTPUT "${output}" @ONLY CONTENT [[
// Made by cmake/EmbedSql.cmake from sql/.
#include "sink/embedded_sql.hpp"

#include <string_view>

namespace hepcap::sink {
namespace {

struct File {
    std::string_view path;
    std::string_view text;
};

constexpr File files[@count@] = {
@rows@};

}  // namespace

std::string_view embedded_sql(std::string_view path) {
    for (const File& file : files) {
        if (file.path == path) {
            return file.text;
        }
    }
    return {};
}

}  // namespace hepcap::sink
]])
endfunction()
