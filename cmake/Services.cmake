# systemd's units and what belongs to them, from tools/systemd/.  What keeps a service from doing harm is
# the same in all of them and stands once, in hardening.conf.
#
# Units name programs by their paths, which follow the prefix of `cmake --install`, not the one that was
# configured: those that are installed are written then.  build/systemd/ has them for the prefix configured.

set(HEPCAP_UNIT_DIR "lib/systemd/system" CACHE STRING "Directory for units of systemd, under the prefix or absolute")

function(install_services)
    set(source "${PROJECT_SOURCE_DIR}/tools/systemd")
    set(output "${PROJECT_BINARY_DIR}/systemd")
    set(BINDIR "${CMAKE_INSTALL_FULL_BINDIR}")
    set(LIBEXECDIR "${CMAKE_INSTALL_FULL_LIBEXECDIR}")
    file(READ "${source}/hardening.conf" HARDENING)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${source}/hardening.conf")
    file(GLOB units CONFIGURE_DEPENDS "${source}/*.in")
    foreach(unit IN LISTS units)
        get_filename_component(name "${unit}" NAME)
        string(REGEX REPLACE "\\.in$" "" name "${name}")
        # Units of tools that this build has.
        string(REGEX MATCH "^hepcap-[a-z]+" tool "${name}")
        if(NOT tool IN_LIST ARGN)
            continue()
        endif()
        configure_file("${unit}" "${output}/${name}" @ONLY)
        string(CONCAT rewrite "${rewrite}" "configure_file([[${unit}]] [[${output}/installed/${name}]] @ONLY)\n")
        list(APPEND installed "${output}/installed/${name}")
    endforeach()
    install(CODE "
        get_filename_component(BINDIR [[${CMAKE_INSTALL_BINDIR}]] ABSOLUTE BASE_DIR \"\${CMAKE_INSTALL_PREFIX}\")
        get_filename_component(LIBEXECDIR [[${CMAKE_INSTALL_LIBEXECDIR}]] ABSOLUTE BASE_DIR \"\${CMAKE_INSTALL_PREFIX}\")
        file(READ [[${source}/hardening.conf]] HARDENING)
        ${rewrite}")
    install(FILES ${installed} DESTINATION "${HEPCAP_UNIT_DIR}")
    install(FILES "${source}/hepcap.sysusers" DESTINATION lib/sysusers.d RENAME hepcap.conf)
    install(FILES "${source}/hepcap.tmpfiles" DESTINATION lib/tmpfiles.d RENAME hepcap.conf)
    install(PROGRAMS "${source}/load-spool" DESTINATION "${CMAKE_INSTALL_LIBEXECDIR}/hepcap")
endfunction()
