# The lifecycle on a journal in RAM.
add_library(nfr_lifecycle_on_ram STATIC ram_journal.c ${PROJECT_SOURCE_DIR}/store/record.c
  ${PROJECT_SOURCE_DIR}/store/lifecycle.c ${PROJECT_SOURCE_DIR}/store/lifecycle_boot.c ${PROJECT_SOURCE_DIR}/store/lifecycle_fetch.c
  ${PROJECT_SOURCE_DIR}/store/lifecycle_reason.c ${PROJECT_SOURCE_DIR}/store/lifecycle_table.c)
target_include_directories(nfr_lifecycle_on_ram PUBLIC ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/store)
target_link_libraries(nfr_lifecycle_on_ram PRIVATE nfr_flags)

nfr_test(store_lifecycle_table_test nfr_lifecycle_on_ram lifecycle_table_test.c)
nfr_test(store_lifecycle_test nfr_lifecycle_on_ram lifecycle_test.c)
nfr_test(store_lifecycle_model_test nfr_lifecycle_on_ram lifecycle_model_test.c lifecycle_history.c lifecycle_reference.c)
