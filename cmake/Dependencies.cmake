# The libraries that hepcap stands on.  Which room may see which of them is told by
# tests/checks/thirdparty.py; here they only have to be found.

find_package(Threads REQUIRED)
find_package(ZLIB REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto SSL)
find_package(SQLite3 REQUIRED)
find_package(fmt CONFIG REQUIRED)
find_package(CLI11 CONFIG REQUIRED)
find_package(nlohmann_json CONFIG REQUIRED)
find_package(simdjson CONFIG REQUIRED)
find_package(tomlplusplus CONFIG REQUIRED)

find_package(PkgConfig REQUIRED)
pkg_check_modules(pcap REQUIRED IMPORTED_TARGET libpcap)
pkg_check_modules(tins REQUIRED IMPORTED_TARGET libtins)
pkg_check_modules(xxhash REQUIRED IMPORTED_TARGET libxxhash)
pkg_check_modules(re2 REQUIRED IMPORTED_TARGET re2)
pkg_check_modules(zstd REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(microhttpd REQUIRED IMPORTED_TARGET libmicrohttpd)
pkg_check_modules(seccomp REQUIRED IMPORTED_TARGET libseccomp)

add_library(hepcap_dependencies INTERFACE)
target_link_libraries(
    hepcap_dependencies
    INTERFACE PkgConfig::pcap
              PkgConfig::tins
              PkgConfig::xxhash
              PkgConfig::re2
              PkgConfig::zstd
              PkgConfig::microhttpd
              PkgConfig::seccomp
              ZLIB::ZLIB
              OpenSSL::SSL
              OpenSSL::Crypto
              SQLite::SQLite3
              fmt::fmt
              CLI11::CLI11
              nlohmann_json::nlohmann_json
              simdjson::simdjson
              tomlplusplus::tomlplusplus
              Threads::Threads)

# Databases that a build may have or not: each its library, and the files sink/NAME*.cpp, which stay out of the
# build where the library is not there.  The compiler sees HEPCAP_HAS_NAME, 0 or 1.
set(HEPCAP_ABSENT_BACKENDS "")
function(hepcap_backend name module)
    pkg_check_modules(${name} IMPORTED_TARGET ${module})
    string(TOUPPER ${name} upper)
    option(HEPCAP_${upper} "Build the backend ${name} where its library is there" ON)
    if(${name}_FOUND AND HEPCAP_${upper})
        target_link_libraries(hepcap_dependencies INTERFACE PkgConfig::${name})
        target_compile_definitions(hepcap_dependencies INTERFACE HEPCAP_HAS_${upper}=1)
        set(HEPCAP_BACKEND_VERSIONS "${HEPCAP_BACKEND_VERSIONS}${module} ${${name}_VERSION};" PARENT_SCOPE)
    else()
        message(STATUS "backend ${name}: ${module} is not there or switched off; hepcap-load is built without it")
        target_compile_definitions(hepcap_dependencies INTERFACE HEPCAP_HAS_${upper}=0)
        set(HEPCAP_ABSENT_BACKENDS "${HEPCAP_ABSENT_BACKENDS}${name};" PARENT_SCOPE)
    endif()
endfunction()
hepcap_backend(mariadb libmariadb)
hepcap_backend(postgres libpq)
hepcap_backend(odbc odbc)
hepcap_backend(clickhouse libcurl)

# For --version: made to be pasted into a report.
set(HEPCAP_LIBRARIES "")
foreach(library IN ITEMS "libpcap ${pcap_VERSION}" "libtins ${tins_VERSION}" "zlib ${ZLIB_VERSION_STRING}" "zstd ${zstd_VERSION}" "libmicrohttpd ${microhttpd_VERSION}" "libseccomp ${seccomp_VERSION}"
                         "OpenSSL ${OPENSSL_VERSION}" "simdjson ${simdjson_VERSION}" "xxHash ${xxhash_VERSION}"
                         "RE2 ${re2_VERSION}" "SQLite ${SQLite3_VERSION}" "CLI11 ${CLI11_VERSION}" "fmt ${fmt_VERSION}"
                         "nlohmann/json ${nlohmann_json_VERSION}" "toml++ ${tomlplusplus_VERSION}"
                         ${HEPCAP_BACKEND_VERSIONS})
    string(APPEND HEPCAP_LIBRARIES "${library}\\n")
endforeach()
