# Run by cpack before it makes the packages: what Debian wants in each of them, and no other way of
# installing does. Pages are compressed, and changelog and copyright lie under the package's name.
foreach(component IN LISTS CPACK_COMPONENTS_ALL)
  string(TOUPPER ${component} key)
  set(share ${CPACK_TEMPORARY_DIRECTORY}/${component}/usr/share)
  set(doc ${share}/doc/${CPACK_DEBIAN_${key}_PACKAGE_NAME})
  file(COPY ${CMAKE_CURRENT_LIST_DIR}/copyright ${CMAKE_CURRENT_LIST_DIR}/changelog
    DESTINATION ${doc} FILE_PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
  if(component STREQUAL mpi)
    file(MAKE_DIRECTORY ${share}/man/man1)
    file(CREATE_LINK flow-train.1.gz ${share}/man/man1/flow-train-mpi.1.gz SYMBOLIC)
  endif()
  file(GLOB pages ${share}/man/man*/*.[1-9])
  execute_process(COMMAND gzip -9n ${pages} ${doc}/changelog COMMAND_ERROR_IS_FATAL ANY)
endforeach()
