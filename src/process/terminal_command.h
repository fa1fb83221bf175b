#pragma once

#include <sys/types.h>

#include <map>
#include <string>
#include <vector>

namespace process {

/// Whether standard input is a terminal, and its keys come to our process group.
bool have_terminal();
/// Makes our process group the one that the terminal's keys come to, even from the background.
void take_terminal_back();

/// Starts a command, found by PATH as a shell finds it, with our environment and what is `added`.
/// It leads a process group of its own, so that a terminal's keys reach it and not us. No signal is
/// blocked or ignored for it. If we have the terminal, the command gets it. Returns the error's
/// number, or 0 and the command's `process`.
int start_command(std::vector<std::string> words, const std::map<std::string, std::string>& added,
                  pid_t& process);

}  // namespace process
