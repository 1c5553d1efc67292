/* What every room of the firmware shares: error numbers and attributes. */
#ifndef NFR_H
#define NFR_H

#if defined(__GNUC__)
#define NFR_CHECK_RESULT __attribute__((warn_unused_result))
#else
#define NFR_CHECK_RESULT
#endif

/* Negative on failure. Numbers are permanent: they appear in telemetry. */
enum nfr_error {
  NFR_OK = 0,
  NFR_ERR_ARGUMENT = -1,    /* a caller's mistake: null, misaligned, wrong state */
  NFR_ERR_CORRUPT = -2,     /* bytes break a rule of the format */
  NFR_ERR_VERSION = -3,     /* unknown major version */
  NFR_ERR_UNSUPPORTED = -4, /* well formed, but needs a feature, layout or operator that this firmware lacks */
  NFR_ERR_NO_MEMORY = -5,   /* arena, state or a buffer is too small */
  NFR_ERR_SIGNATURE = -6,   /* signature wrong, key unknown or revoked, or name outside the key's prefixes */
  NFR_ERR_ROLLBACK = -7,    /* security counter or key-list version below the floor */
  NFR_ERR_BUDGET = -8,      /* the smallest unit of an operator exceeds the board's slice */
  NFR_ERR_PORT = -9,        /* the port (crypto, flash) failed */
  NFR_ERR_BUSY = -10,       /* the arena is in use by another capsule's inference: try again when that has ended */
  NFR_ERR_SELF_TEST = -11,  /* an output differs from the golden vectors */
  NFR_ERR_NOT_FOUND = -12,  /* no such blob, capsule name or version */
  NFR_ERR_NO_SPACE = -13,   /* flash or the store's index is full */
  NFR_ERR_EMPTY = -14,      /* no store on this flash: it has to be formatted */
  NFR_ERR_FOREIGN = -15,    /* a store of another device or of other flash geometry */
  NFR_ERR_STATE = -16,      /* the lifecycle does not allow this in the version's state */
};

#endif
