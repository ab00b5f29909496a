# What other programs need to use the library, CMake's and pkg-config's word for it included, and
# Debian packages: cpack -G DEB.
include(CMakePackageConfigHelpers)
set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/exactflow)
install(TARGETS exactflow-c EXPORT exactflow
  LIBRARY COMPONENT programs NAMELINK_COMPONENT development)
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
