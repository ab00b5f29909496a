// Exact densities, samples and latents of a trained flow, for programs in C and all that can call
// C: libexactflow, exactflow(3).
//
// A row is columns + context numbers, row by row: those of the model's file in its order, then what
// the density is conditional on; words are their numbers 0, 1, ... A call runs in the caller's
// thread. A model is never changed by a call, so any number of threads may use one at the same
// time, and no result depends on how rows are split into calls. What integers get as noise, and
// samples, are keyed by (seed, number of the row): rows of one call are numbered from first_row.
//
// Functions that return int return 0, or what the programs exit with; then exactflow_error says
// why, and what was to be set holds nothing of use. No exception leaves the library.
#pragma once
#include <stddef.h>
#include <stdint.h>

#pragma GCC visibility push(default)
#ifdef __cplusplus
extern "C" {
#endif

enum {
  EXACTFLOW_OK = 0,
  EXACTFLOW_FAILED = 1,  // memory, the system
  EXACTFLOW_USAGE = 2,   // an argument
  EXACTFLOW_DATA = 3,    // a row that the model cannot hold
  EXACTFLOW_MODEL = 4    // a model that is missing, damaged, or newer than the library
};

typedef struct exactflow_model exactflow_model;

const char* exactflow_version(void);  // "0.1.0"
// Why the last call of this thread that failed did so, one line; "" where none did.
const char* exactflow_error(void);

// Sets *model, which exactflow_free takes; NULL where it fails. The file is read by a confined
// child (flow(7), SECURITY), so these fork; they wait for each other, and no other thread may use
// libhdf5 meanwhile.
int exactflow_load(const char* path, exactflow_model** model);
int exactflow_load_bytes(const void* bytes, size_t size, exactflow_model** model);
void exactflow_free(exactflow_model* model);  // NULL: nothing

size_t exactflow_columns(const exactflow_model* model);
size_t exactflow_context(const exactflow_model* model);  // numbers behind the columns; often 0
size_t exactflow_latents(const exactflow_model* model);  // constants and copies have none
// Of column 0, 1, ..., then of the context; "" for one without a name, or beyond the last.
const char* exactflow_name(const exactflow_model* model, size_t column);

// logp: n log-densities in nats; -Inf outside of the support, NaN for a row that is not finite.
int exactflow_score(const exactflow_model* model, const double* rows, size_t n, uint64_t seed,
                    uint64_t first_row, double* logp);
// rows: n x columns. context: n x context, or NULL where that is 0. temperature: the scale of the
// latent noise, 1 for the density itself.
int exactflow_sample(const exactflow_model* model, const double* context, size_t n, uint64_t seed,
                     uint64_t first_row, double temperature, double* rows);
// latents: n x latents. EXACTFLOW_DATA for a row outside of the support.
int exactflow_encode(const exactflow_model* model, const double* rows, size_t n, double* latents);
// latents: n x (latents + context), rows: n x columns.
int exactflow_decode(const exactflow_model* model, const double* latents, size_t n, double* rows);

// The same of single precision.
int exactflow_score_f(const exactflow_model* model, const float* rows, size_t n, uint64_t seed,
                      uint64_t first_row, double* logp);
int exactflow_sample_f(const exactflow_model* model, const float* context, size_t n, uint64_t seed,
                       uint64_t first_row, double temperature, float* rows);
int exactflow_encode_f(const exactflow_model* model, const float* rows, size_t n, float* latents);
int exactflow_decode_f(const exactflow_model* model, const float* latents, size_t n, float* rows);

#ifdef __cplusplus
}
#endif
#pragma GCC visibility pop
