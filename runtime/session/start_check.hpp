// Before anything runs, all ranks hold the same: one version of weir, one task table, one set of
// options. A difference found later would be a wrong result. And what one rank refuses is an error
// on all of them.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runtime/base/bytes.hpp"
#include "runtime/base/error.hpp"

namespace weir {

// What must be equal on all ranks, each under a name a person understands.
struct Agreement {
  std::string name;  // "weir version", "task table", "options"
  std::string text;  // one entry per line
};

Bytes encode(const std::vector<Agreement>& agreements);

// `all` holds every rank's encoded agreements, by rank. Throws Error that names the first rank that
// differs from rank 0, what differs, and the first line that does.
void require_agreement(const std::vector<Bytes>& all);

// All of its four texts.
void write_refusal(ByteWriter& out, const Error& refusal);
Error read_refusal(ByteReader& in);
// Empty where there is none.
Bytes encode_refusal(const std::optional<Error>& refusal);

// `all` holds what each rank refuses, by rank, encoded; `own` is what this one does. Where there is
// some, throws that of this rank, or else the first with the name of its rank.
void require_no_refusal(const std::vector<Bytes>& all, const std::optional<Error>& own);

}  // namespace weir
