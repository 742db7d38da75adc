# How every target is compiled: hepcap_options carries the language level, the warnings and the
# sanitizers.  No -march: the binaries run on any processor of their architecture, and faster kernels
# are chosen when the program runs.

if(NOT CMAKE_BUILD_TYPE)
    set(CMAKE_BUILD_TYPE Release CACHE STRING "Debug or Release" FORCE)
endif()

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    set(CMAKE_CXX_COMPILER_LAUNCHER "${CCACHE_PROGRAM}")
endif()

add_library(hepcap_options INTERFACE)
target_compile_features(hepcap_options INTERFACE cxx_std_20)
target_compile_options(hepcap_options INTERFACE ${HEPCAP_WARNINGS})
set(CMAKE_CXX_EXTENSIONS OFF)

# GCC clears and copies a struct of some hundred octets by one string instruction, which many processors take
# longer to begin than the loop takes to end; a message and its record are such structs.  Cleared they are
# by vectors; what is copied is short, and faster by words.
include(CheckCXXCompilerFlag)
set(string_options "-mmemset-strategy=vector_loop:1024:noalign,libcall:-1:noalign"
                   "-mmemcpy-strategy=unrolled_loop:1024:noalign,libcall:-1:noalign")
check_cxx_compiler_flag("${string_options}" HEPCAP_HAS_STRING_STRATEGIES)
if(HEPCAP_HAS_STRING_STRATEGIES)
    target_compile_options(hepcap_options INTERFACE "$<$<CONFIG:Release>:${string_options}>")
endif()
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

if(HEPCAP_SANITIZE)
    target_compile_options(hepcap_options INTERFACE "-fsanitize=${HEPCAP_SANITIZE}" -fno-sanitize-recover=all
                                                    -fno-omit-frame-pointer)
    target_link_options(hepcap_options INTERFACE "-fsanitize=${HEPCAP_SANITIZE}")
endif()

if(HEPCAP_FUZZ)
    if(NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
        message(FATAL_ERROR "HEPCAP_FUZZ needs clang: libFuzzer is part of it")
    endif()
    target_compile_options(hepcap_options INTERFACE -fsanitize=fuzzer-no-link)
endif()

if(HEPCAP_LTO)
    include(CheckIPOSupported)
    check_ipo_supported(RESULT lto_works LANGUAGES CXX)
    if(lto_works)
        set(CMAKE_INTERPROCEDURAL_OPTIMIZATION ON)
    endif()
endif()
