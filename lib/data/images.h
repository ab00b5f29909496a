// Rows that are PNG images: height x width of grey, height x width x 3 of colours, 0 to 255.
#pragma once
#include <memory>
#include <string>

#include "core/input.h"
#include "core/rows.h"

namespace flow {

// One image, one row; the input begins as one. Error(Exit::data): png/png.h.
std::unique_ptr<RowReader> open_png(Input input);

// The files *.png of a folder, in the order of their names, byte by byte. All are of one size, and
// all grey or all in colour; others are Error(Exit::data) that names both. Files are opened as rows
// are read.
std::unique_ptr<RowReader> open_png_folder(const std::string& folder);

// A folder of files 000001.png ..., one a row of height x width [x 1 or 3] numbers 0 to 255. It
// appears whole or not at all; one that is there and not empty is refused. Error(Exit::usage) for
// rows that are no such images, Error(Exit::failed) for a number that is no byte, named by row.
std::unique_ptr<RowWriter> create_png_folder(const std::string& folder, const RowShape& shape);

}  // namespace flow
