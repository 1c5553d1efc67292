#include <assert.h>
#include <mbedtls/ecdsa.h>
#include <mbedtls/sha256.h>
#include <mbedtls/version.h>
#include <string.h>

#include "nfr_mbedtls.h"

/* 2.28 has the functions that report errors under a name of their own; 3.x dropped the suffix. */
#if MBEDTLS_VERSION_MAJOR < 3
#define mbedtls_sha256_starts mbedtls_sha256_starts_ret
#define mbedtls_sha256_update mbedtls_sha256_update_ret
#define mbedtls_sha256_finish mbedtls_sha256_finish_ret
#endif

static_assert(sizeof(mbedtls_sha256_context) <= sizeof(struct nfr_sha256), "NFR_SHA256_CONTEXT_BYTES");

static mbedtls_sha256_context *context_of(struct nfr_sha256 *hash) {
  return (mbedtls_sha256_context *)(void *)hash->opaque;
}

static int begin(void *context, struct nfr_sha256 *hash) {
  (void)context;
  mbedtls_sha256_init(context_of(hash));
  if (mbedtls_sha256_starts(context_of(hash), 0) == 0) return NFR_OK;
  mbedtls_sha256_free(context_of(hash));
  return NFR_ERR_PORT;
}

static int update(void *context, struct nfr_sha256 *hash, const void *data, size_t bytes) {
  (void)context;
  return mbedtls_sha256_update(context_of(hash), data, bytes) == 0 ? NFR_OK : NFR_ERR_PORT;
}

static int finish(void *context, struct nfr_sha256 *hash, uint8_t digest[32]) {
  (void)context;
  int err = mbedtls_sha256_finish(context_of(hash), digest);
  mbedtls_sha256_free(context_of(hash));
  return err == 0 ? NFR_OK : NFR_ERR_PORT;
}

/* What a public key and a signature are read into. */
struct verification {
  mbedtls_ecp_group group;
  mbedtls_ecp_point key;
  mbedtls_mpi r, s;
};

/* Lack of memory says nothing of key or signature. */
static int verdict(int err) {
  if (err == 0) return NFR_OK;
  return err == MBEDTLS_ERR_MPI_ALLOC_FAILED || err == MBEDTLS_ERR_ECP_ALLOC_FAILED ? NFR_ERR_PORT : NFR_ERR_SIGNATURE;
}

static int read_and_verify(struct verification *v, const uint8_t key[64], const uint8_t digest[32],
                           const uint8_t signature[64]) {
  uint8_t point[65] = {4}; /* SEC 1: uncompressed */
  memcpy(point + 1, key, 64);
  if (mbedtls_ecp_group_load(&v->group, MBEDTLS_ECP_DP_SECP256R1) != 0) return NFR_ERR_PORT;
  if (mbedtls_ecp_point_read_binary(&v->group, &v->key, point, sizeof point) != 0) return NFR_ERR_PORT;
  if (mbedtls_mpi_read_binary(&v->r, signature, 32) != 0 || mbedtls_mpi_read_binary(&v->s, signature + 32, 32) != 0)
    return NFR_ERR_PORT;
  /* A point that is not on the curve is no key. */
  int err = verdict(mbedtls_ecp_check_pubkey(&v->group, &v->key));
  return err ? err : verdict(mbedtls_ecdsa_verify(&v->group, digest, 32, &v->key, &v->r, &v->s));
}

static int verify(void *context, const uint8_t key[64], const uint8_t digest[32], const uint8_t signature[64]) {
  (void)context;
  struct verification v;
  mbedtls_ecp_group_init(&v.group);
  mbedtls_ecp_point_init(&v.key);
  mbedtls_mpi_init(&v.r);
  mbedtls_mpi_init(&v.s);
  int err = read_and_verify(&v, key, digest, signature);
  mbedtls_mpi_free(&v.s);
  mbedtls_mpi_free(&v.r);
  mbedtls_ecp_point_free(&v.key);
  mbedtls_ecp_group_free(&v.group);
  return err;
}

const struct nfr_crypto *nfr_mbedtls_crypto(void) {
  static const struct nfr_crypto crypto = {
      .sha256_begin = begin, .sha256_update = update, .sha256_finish = finish, .p256_verify = verify};
  return &crypto;
}
