/* The crypto port on mbedTLS against published vectors; and real signatures, of which no single bit may change. */
#include "rules.h"

#include "builder.h"
#include "nfr_mbedtls.h"

#include <mbedtls/ecdsa.h>

/* mbedTLS, out of memory on demand (linked with --wrap). */
static int check_error, verify_error;
int __real_mbedtls_ecp_check_pubkey(const mbedtls_ecp_group *group, const mbedtls_ecp_point *key);
int __wrap_mbedtls_ecp_check_pubkey(const mbedtls_ecp_group *group, const mbedtls_ecp_point *key);
int __real_mbedtls_ecdsa_verify(mbedtls_ecp_group *group, const unsigned char *digest, size_t count,
                                const mbedtls_ecp_point *key, const mbedtls_mpi *r, const mbedtls_mpi *s);
int __wrap_mbedtls_ecdsa_verify(mbedtls_ecp_group *group, const unsigned char *digest, size_t count,
                                const mbedtls_ecp_point *key, const mbedtls_mpi *r, const mbedtls_mpi *s);

int __wrap_mbedtls_ecp_check_pubkey(const mbedtls_ecp_group *group, const mbedtls_ecp_point *key) {
  return check_error ? check_error : __real_mbedtls_ecp_check_pubkey(group, key);
}

int __wrap_mbedtls_ecdsa_verify(mbedtls_ecp_group *group, const unsigned char *digest, size_t count,
                                const mbedtls_ecp_point *key, const mbedtls_mpi *r, const mbedtls_mpi *s) {
  return verify_error ? verify_error : __real_mbedtls_ecdsa_verify(group, digest, count, key, r, s);
}

static void from_hex(const char *hex, uint8_t *bytes) {
  for (unsigned i = 0; hex[2 * i] != 0; i++) {
    char pair[3] = {hex[2 * i], hex[2 * i + 1], 0};
    bytes[i] = (uint8_t)strtoul(pair, NULL, 16);
  }
}

/* FIPS 180-4, appendix of examples: "abc" and the two-block message; in one piece and byte by byte. */
static void test_sha256_vectors(void **state) {
  (void)state;
  static const struct { const char *message, *digest; } vectors[] = {
      {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
      {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
       "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
      {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}};
  const struct nfr_crypto *crypto = nfr_mbedtls_crypto();
  for (unsigned i = 0; i < 3; i++) {
    uint8_t expected[32], digest[32];
    from_hex(vectors[i].digest, expected);
    for (size_t step = 1; step <= 64; step += 63) {
      struct nfr_sha256 hash;
      size_t count = strlen(vectors[i].message);
      assert_int_equal(crypto->sha256_begin(NULL, &hash), NFR_OK);
      for (size_t at = 0; at < count; at += step)
        assert_int_equal(crypto->sha256_update(NULL, &hash, vectors[i].message + at, step < count - at ? step : count - at), NFR_OK);
      assert_int_equal(crypto->sha256_finish(NULL, &hash, digest), NFR_OK);
      assert_memory_equal(digest, expected, 32);
    }
  }
}

/* RFC 6979, A.2.5: P-256, SHA-256, message "sample". */
static void rfc6979_sample(uint8_t key[64], uint8_t digest[32], uint8_t signature[64]) {
  from_hex("60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
           "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299", key);
  from_hex("af2bdbe1aa9b6ec1e2ade1d694f41fc71a831d0268e9891562113d8a62add1bf", digest);
  from_hex("efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
           "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8", signature);
}

static void test_p256_vector_and_its_flips(void **state) {
  (void)state;
  const struct nfr_crypto *crypto = nfr_mbedtls_crypto();
  uint8_t key[64], digest[32], signature[64];
  rfc6979_sample(key, digest, signature);
  assert_int_equal(crypto->p256_verify(NULL, key, digest, signature), NFR_OK);
  for (unsigned bit = 0; bit < 512; bit += 7) {
    key[bit / 8] ^= (uint8_t)(1u << bit % 8);
    assert_int_equal(crypto->p256_verify(NULL, key, digest, signature), NFR_ERR_SIGNATURE); /* not on the curve */
    key[bit / 8] ^= (uint8_t)(1u << bit % 8);
    signature[bit / 8] ^= (uint8_t)(1u << bit % 8);
    assert_int_equal(crypto->p256_verify(NULL, key, digest, signature), NFR_ERR_SIGNATURE);
    signature[bit / 8] ^= (uint8_t)(1u << bit % 8);
  }
}

/* r and s of 0, n and above, and the point at infinity's stand-in (0, 0). */
static void test_p256_extremes(void **state) {
  (void)state;
  const struct nfr_crypto *crypto = nfr_mbedtls_crypto();
  uint8_t key[64], digest[32], good[64], signature[64], n[32];
  rfc6979_sample(key, digest, good);
  from_hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", n);
  for (unsigned half = 0; half < 2; half++) {
    memcpy(signature, good, 64);
    memset(signature + 32 * half, 0, 32);
    assert_int_equal(crypto->p256_verify(NULL, key, digest, signature), NFR_ERR_SIGNATURE);
    memcpy(signature + 32 * half, n, 32);
    assert_int_equal(crypto->p256_verify(NULL, key, digest, signature), NFR_ERR_SIGNATURE);
    memset(signature + 32 * half, 0xff, 32);
    assert_int_equal(crypto->p256_verify(NULL, key, digest, signature), NFR_ERR_SIGNATURE);
  }
  memset(signature, 0, 64);
  assert_int_equal(crypto->p256_verify(NULL, key, digest, signature), NFR_ERR_SIGNATURE);
  memset(key, 0, 64);
  assert_int_equal(crypto->p256_verify(NULL, key, digest, good), NFR_ERR_SIGNATURE);
  memset(key, 0xff, 64);
  assert_int_equal(crypto->p256_verify(NULL, key, digest, good), NFR_ERR_SIGNATURE);
}

/* No verdict on a signature for lack of memory: that is the port's failure, and trying again may help. */
static void test_out_of_memory_is_no_verdict(void **state) {
  (void)state;
  const struct nfr_crypto *crypto = nfr_mbedtls_crypto();
  uint8_t key[64], digest[32], signature[64];
  rfc6979_sample(key, digest, signature);
  static const struct { int mbedtls, expected; } errors[] = {{MBEDTLS_ERR_MPI_ALLOC_FAILED, NFR_ERR_PORT},
                                                             {MBEDTLS_ERR_ECP_ALLOC_FAILED, NFR_ERR_PORT},
                                                             {MBEDTLS_ERR_ECP_INVALID_KEY, NFR_ERR_SIGNATURE},
                                                             {MBEDTLS_ERR_ECP_VERIFY_FAILED, NFR_ERR_SIGNATURE}};
  for (unsigned i = 0; i < sizeof errors / sizeof errors[0]; i++) {
    check_error = errors[i].mbedtls;
    assert_int_equal(crypto->p256_verify(NULL, key, digest, signature), errors[i].expected);
    check_error = 0;
    verify_error = errors[i].mbedtls;
    assert_int_equal(crypto->p256_verify(NULL, key, digest, signature), errors[i].expected);
    verify_error = 0;
  }
}

struct signed_pair {
  uint8_t list[8192], manifest[4096];
  size_t list_count, manifest_count;
  struct test_key root;
};

/* One bit flipped; it counts through the list, then the manifest (which is judged by the keys as they were). */
static bool flip_is_refused(struct signed_pair *pair, const struct nfr_crypto *crypto, const struct nfr_key_list *keys, size_t bit) {
  bool in_list = bit < 8 * pair->list_count;
  size_t at = in_list ? bit : bit - 8 * pair->list_count;
  uint8_t *byte = (in_list ? pair->list : pair->manifest) + at / 8;
  *byte ^= (uint8_t)(1u << at % 8);
  struct nfr_key_list ignored;
  struct nfr_manifest manifest;
  int err = in_list ? nfr_key_list_verify(crypto, pair->root.public_key, pair->list, pair->list_count, 0, &ignored)
                    : nfr_manifest_verify(crypto, keys, pair->manifest, pair->manifest_count, &manifest);
  *byte ^= (uint8_t)(1u << at % 8);
  return err < 0;
}

static void make_pair(struct signed_pair *pair, struct test_key root, struct test_key publisher) {
  static struct sample sample;
  struct list_sample list = {.version = 5};
  pair->root = root;
  list_add(&list, &publisher, "house/");
  pair->list_count = list_write(&list, &root, pair->list);
  sample_full(&sample);
  pair->manifest_count = sample_write(&sample, &publisher, pair->manifest);
}

/* Every bit, with the toy's signature (real SHA-256). */
static void test_no_bit_may_change(void **state) {
  (void)state;
  static struct signed_pair pair;
  make_pair(&pair, toy_key(1), toy_key(2));
  struct nfr_key_list keys;
  assert_int_equal(nfr_key_list_verify(&toy_crypto, pair.root.public_key, pair.list, pair.list_count, 5, &keys), NFR_OK);
  size_t bits = 8 * (pair.list_count + pair.manifest_count);
  for (size_t bit = 0; bit < bits; bit++) assert_true(flip_is_refused(&pair, &toy_crypto, &keys, bit));
  print_message("%zu bits flipped\n", bits);
}

/* ECDSA: every bit of the manifest's signature, and a sample of the others. */
static void test_no_bit_may_change_under_ecdsa(void **state) {
  (void)state;
  static struct signed_pair pair;
  make_pair(&pair, real_key(0x11), real_key(0x22));
  const struct nfr_crypto *crypto = nfr_mbedtls_crypto();
  struct nfr_key_list keys;
  struct nfr_manifest manifest;
  assert_int_equal(nfr_key_list_verify(crypto, pair.root.public_key, pair.list, pair.list_count, 5, &keys), NFR_OK);
  assert_int_equal(nfr_manifest_verify(crypto, &keys, pair.manifest, pair.manifest_count, &manifest), NFR_OK);
  size_t bits = 8 * (pair.list_count + pair.manifest_count), flipped = 0;
  for (size_t bit = 0; bit < bits; bit += bit < bits - 512 ? 23 : 1, flipped++)
    assert_true(flip_is_refused(&pair, crypto, &keys, bit));
  print_message("%zu bits flipped\n", flipped);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_sha256_vectors),
      cmocka_unit_test(test_p256_vector_and_its_flips),
      cmocka_unit_test(test_p256_extremes), cmocka_unit_test(test_out_of_memory_is_no_verdict),
      cmocka_unit_test(test_no_bit_may_change),
      cmocka_unit_test(test_no_bit_may_change_under_ecdsa),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
