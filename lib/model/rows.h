// Between the rows of a file and the rows of a flow: numbers of type real, dequantised where the
// model was trained so, and back.
#pragma once
#include <span>
#include <vector>

#include "core/rows.h"
#include "data/text.h"
#include "flow/evaluate.h"
#include "model/model.h"

namespace flow {

// Rows read at a time: enough for every thread, and small beside everything else.
constexpr std::size_t stream_rows = 8192;

// Rows below are those of the model, or its latents, each with its context behind it.
//
// Error(Exit::data) where there are other columns.
void check_columns(const Model& model, const RowShape& shape, const std::string& input,
                   bool latents = false);

// The words of a model's columns, for the reader of its rows.
Vocabulary vocabulary(const DataSpec& data);

// Whether some numbers get noise, and a density has more than one draw of it.
bool has_noise(const DataSpec& data);

enum class Noise { drawn, middle };  // middle: 0.5, so that floor gives the integers back exactly

// A row without context as the flow sees it, but for its noise; all NaN where the types of the
// columns, or the levels, do not allow it.
void to_numbers(const DataSpec& data, std::span<const double> row, std::span<real> numbers);
// Why they do not: "column 3 ('carat') is -1; it holds numbers above 0"; empty where they do.
std::string misfit(const DataSpec& data, std::span<const double> row);
// at: the numbers of the rows in `input`. Error(Exit::data) for the first of which that says
// something.
void require_fit(const DataSpec& data, std::span<const double> values, RowNumbers at,
                 const std::string& input);

// Rows as the flow sees them, row by row; all NaN where to_numbers gives that. draw
// numbers draws of the noise, all of them apart from those of training.
// Error(Exit::data) for a label that training did not see, at `input`.
void to_flow(const Model& model, std::span<const double> values, RowNumbers at, std::uint64_t seed,
             Noise noise, const std::string& input, std::vector<real>& rows,
             std::uint32_t draw = 0);
// The same of latents, which stay as they are.
void latents_to_flow(const Model& model, std::span<const double> values, RowNumbers at,
                     const std::string& input, std::vector<real>& rows);
// What tells latents behind layer last-1 which cells are missing: the layers may have moved those,
// and decoding moves them back, whatever it is told. Of a model that knows no missing cells
// nothing.
void mark_latents(const Model& model, Evaluator& evaluator, std::size_t last,
                  std::vector<real>& rows);
// Rows of the flow as the file has them, without their context: integers in their range,
// categories, constants.
void from_flow(const Model& model, std::span<const real> rows, std::vector<double>& values);

// Sets values to n rows drawn from the model, as the file has them. contexts: as the nets see them,
// one a row; empty where there are none.
void sample_rows(const Model& model, Evaluator& evaluator, CVec contexts, const Random& random,
                 std::uint64_t first_row, std::size_t n, double temperature,
                 std::vector<double>& values);

}  // namespace flow
