# Blobs, on the flash model; digests are real ones.
if(TARGET nfr_mbedtls)
  foreach(test blob room blob_cut)
    nfr_test(store_${test}_test "nfr_store;nfr_port_host;nfr_mbedtls" ${test}_test.c blob_support.c)
  endforeach()
else()
  message(WARNING "mbedTLS was not found: the tests of blobs are left out")
endif()
