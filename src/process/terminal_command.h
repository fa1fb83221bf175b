#pragma once

#include <sys/types.h>
#include <sys/wait.h>

#include <map>
#include <string>
#include <vector>

namespace process {

/// Whether standard input is a terminal, and its keys come to our process group.
bool have_terminal();
/// Makes our process group the one that the terminal's keys come to, even from the background.
void take_terminal_back();

/// If the command, or one of its group, was stopped by Ctrl-Z, which does not reach us: stops our
/// main process too, so that the shell around us goes on. The first process of a session has no
/// shell that would wake it: then the command goes on at once, as if it were the first itself.
void stop_with_command(idtype_t whose, pid_t command, pid_t main_process);

/// Starts a command, found by PATH as a shell finds it, with our environment and what is `added`.
/// It leads a process group of its own, so that a terminal's keys reach it and not us. No signal is
/// blocked or ignored for it. If we have the terminal, the command gets it. Returns the error's
/// number, or 0 and the command's `process`.
int start_command(std::vector<std::string> words, const std::map<std::string, std::string>& added,
                  pid_t& process);

}  // namespace process
