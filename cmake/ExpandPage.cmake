# cmake -DPAGE=man/x.1 -DOUTPUT=build/man/x.1 -P ExpandPage.cmake
# Copies a page, each line  .\" @include NAME@  replaced by man/NAME.

get_filename_component(directory "${PAGE}" DIRECTORY)
file(READ "${PAGE}" text)
string(REGEX MATCHALL "\\.\\\\\" @include [A-Za-z0-9._-]+@\n" lines "${text}")
foreach(line IN LISTS lines)
    string(REGEX REPLACE "^.*@include ([A-Za-z0-9._-]+)@\n$" "\\1" name "${line}")
    if(NOT EXISTS "${directory}/${name}")
        message(FATAL_ERROR "${PAGE}: @include ${name}@: there is no such file in ${directory}")
    endif()
    file(READ "${directory}/${name}" part)
    string(REPLACE "${line}" "${part}" text "${text}")
endforeach()
file(WRITE "${OUTPUT}" "${text}")
