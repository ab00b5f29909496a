# What other programs need to use the library, CMake's and pkg-config's word for it included; and
# Debian packages.
include(CMakePackageConfigHelpers)
set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/exactflow)
install(TARGETS exactflow-c EXPORT exactflow
  LIBRARY COMPONENT library NAMELINK_COMPONENT development)
install(FILES lib/c/exactflow.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT development)
install(EXPORT exactflow NAMESPACE exactflow:: FILE exactflowConfig.cmake
  DESTINATION ${package_folder} COMPONENT development)
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/exactflowConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
# From where the file lies, so that an installation can be moved.
file(RELATIVE_PATH up /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
configure_file(tools/package/exactflow.pc.in exactflow.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/exactflowConfigVersion.cmake DESTINATION ${package_folder}
  COMPONENT development)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/exactflow.pc
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT development)

# Debian packages: `cpack` in the build folder, tests/packages.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_CONTACT "exactflow authors <exactflow@users.noreply.github.com>")
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_CURRENT_LIST_DIR}/debian.cmake)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
# debian_package(COMPONENT NAME SECTION DESCRIPTION [DEPENDS])
function(debian_package component name section description)
  string(TOUPPER ${component} key)
  set(CPACK_DEBIAN_${key}_PACKAGE_NAME ${name} PARENT_SCOPE)
  set(CPACK_DEBIAN_${key}_PACKAGE_SECTION ${section} PARENT_SCOPE)
  set(CPACK_DEBIAN_${key}_DESCRIPTION "${description}" PARENT_SCOPE)
  set(CPACK_DEBIAN_${key}_PACKAGE_DEPENDS "${ARGN}" PARENT_SCOPE)
endfunction()
debian_package(programs exactflow science "normalizing flows on the command line
Programs that train, score, sample, encode, check and describe models which
give the exact probability density of a data point. They read and write HDF5,
npy, CSV, IDX and PNG, compose in pipes, and run on CPUs.")
debian_package(library libexactflow0 libs "normalizing flows, a C library
Loads a model that exactflow has trained, scores rows by their exact density,
draws samples, encodes and decodes.")
debian_package(development libexactflow-dev libdevel "normalizing flows, a C library: headers
What programs that use libexactflow are built with: its header, its page, and
its entries for CMake and pkg-config."
  "libexactflow0 (= ${PROJECT_VERSION})")
debian_package(mpi exactflow-mpi science "normalizing flows on the command line, over MPI
flow-train over the ranks of MPI: it trains the same bytes as flow-train does,
whatever their number."
  "exactflow (= ${PROJECT_VERSION})")
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
set(CPACK_DEBIAN_LIBRARY_PACKAGE_CONTROL_EXTRA ${CMAKE_CURRENT_LIST_DIR}/triggers)
set(CPACK_COMPONENTS_ALL programs library development)
if(MPI_C_FOUND)
  list(APPEND CPACK_COMPONENTS_ALL mpi)
endif()
include(CPack)
