# Man pages and completions: what is built of them and where they are installed.
#
# A page may hold lines of the form
#     .\" @include common-options.mdoc@
# each of which is replaced by that file of man/ (cmake/ExpandPage.cmake), so that options which all
# tools share are written once.  The finished pages are in build/<preset>/man.

set(HEPCAP_ZSH_COMPLETIONS_DIR "" CACHE STRING
    "Directory for zsh completions; default share/zsh/site-functions, under /usr share/zsh/vendor-completions")

function(install_documents)
    file(GLOB pages CONFIGURE_DEPENDS "man/*.1" "man/*.5" "man/*.7")
    file(GLOB parts CONFIGURE_DEPENDS "man/*.mdoc")
    set(built "")
    foreach(page IN LISTS pages)
        get_filename_component(name "${page}" NAME)
        string(REGEX MATCH "[157]$" section "${name}")
        set(output "${PROJECT_BINARY_DIR}/man/${name}")
        add_custom_command(
            OUTPUT "${output}"
            COMMAND "${CMAKE_COMMAND}" "-DPAGE=${page}" "-DOUTPUT=${output}" -P
                    "${PROJECT_SOURCE_DIR}/cmake/ExpandPage.cmake"
            DEPENDS "${page}" ${parts} "${PROJECT_SOURCE_DIR}/cmake/ExpandPage.cmake"
            COMMENT "Page ${name}"
            VERBATIM)
        list(APPEND built "${output}")
        install(FILES "${output}" DESTINATION "${CMAKE_INSTALL_MANDIR}/man${section}")
    endforeach()
    add_custom_target(pages ALL DEPENDS ${built})

    set(zsh_directory "${HEPCAP_ZSH_COMPLETIONS_DIR}")
    if(NOT zsh_directory)
        set(zsh_directory "${CMAKE_INSTALL_DATADIR}/zsh/site-functions")
        if(CMAKE_INSTALL_PREFIX STREQUAL "/usr")
            set(zsh_directory "${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions")
        endif()
    endif()
    set(completions "${PROJECT_SOURCE_DIR}/completions")
    foreach(tool IN LISTS ARGN)
        install(FILES "${completions}/bash/${tool}" DESTINATION "${CMAKE_INSTALL_DATADIR}/bash-completion/completions")
        install(FILES "${completions}/zsh/_${tool}" DESTINATION "${zsh_directory}")
        install(FILES "${completions}/fish/${tool}.fish"
                DESTINATION "${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d")
    endforeach()
    install(FILES README.md LICENSE CHANGELOG.md DESTINATION "${CMAKE_INSTALL_DOCDIR}")
endfunction()
