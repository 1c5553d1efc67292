# Operators: each is ops/<name>.c. With the first one, ops/check.c and ops/registry.c are built too.
set(NFR_OPERATORS
)
# Kernels: each is kernels/portable/<name>.c, replaced by the file of the same name of the chosen backend if it has one.
set(NFR_KERNEL_FILES
)
