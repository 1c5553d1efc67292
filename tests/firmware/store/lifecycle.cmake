# The lifecycle on a journal in RAM.
add_library(nfr_lifecycle_on_ram STATIC ram_journal.c ${PROJECT_SOURCE_DIR}/store/record.c
  ${PROJECT_SOURCE_DIR}/store/lifecycle.c ${PROJECT_SOURCE_DIR}/store/lifecycle_boot.c ${PROJECT_SOURCE_DIR}/store/lifecycle_fetch.c
  ${PROJECT_SOURCE_DIR}/store/lifecycle_reason.c ${PROJECT_SOURCE_DIR}/store/lifecycle_table.c)
target_include_directories(nfr_lifecycle_on_ram PUBLIC ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/store)
target_link_libraries(nfr_lifecycle_on_ram PRIVATE nfr_flags)

nfr_test(store_lifecycle_table_test nfr_lifecycle_on_ram lifecycle_table_test.c)
nfr_test(store_lifecycle_test nfr_lifecycle_on_ram lifecycle_test.c)
nfr_test(store_lifecycle_model_test nfr_lifecycle_on_ram lifecycle_model_test.c lifecycle_history.c lifecycle_reference.c)

# Capsules in place (interop/nfr_native_store.h).
if(TARGET nfr_capsule_test_support)
  nfr_test(store_native_test "nfr_native_store_hooked;nfr_capsule_test_support;nfr_port_host;nfr_mbedtls;m"
    native_store_test.c capsule_support.c blob_support.c ../capsule/native_model.c ../rule_hook.c)
  # The device for managed code (interop/nfr_device.h).
  nfr_test(store_device_test "nfr_native_store_hooked;nfr_capsule_test_support;nfr_port_host;nfr_mbedtls;m"
    device_test.c capsule_support.c ../capsule/native_model.c ../rule_hook.c)
endif()
