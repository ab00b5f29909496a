// What signals do to a program: INT, TERM and HUP remove its temporary files before it dies of
// them. A run that can be taken up again lets TERM, INT, USR1 and XCPU, the words of schedulers and
// of people, wait for a moment that suits it.
#pragma once
#include <string>

namespace flow::cli {

void remove_temporaries_on_signals();

// What a signal that kills does first, in its handler; null: nothing.
void before_death(void (*act)());

// From now on a stop signal ends the program at once with Exit::stopped: nothing has been done that
// running the same line again would not do. program: for the message.
void stop_on_signals(const std::string& program);

// From now on the first stop signal is only remembered; a second INT or TERM kills.
void defer_stop_signals();

// The first stop signal since then, "SIGTERM", or empty.
std::string stop_signal();

}  // namespace flow::cli
