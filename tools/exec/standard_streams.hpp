// Standard streams of a program that was started without them.

#pragma once

namespace weir {

// Cron and others start programs without standard streams; a file that is opened would take their
// place. Opens what is missing as /dev/null. Returns whether standard input was there.
bool open_standard_streams();

}  // namespace weir
