#include "net/nonblocking_writer.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <string>

namespace net {

NonblockingWriter::Kind NonblockingWriter::kind_of(int descriptor) {
  struct stat status = {};
  if (fstat(descriptor, &status) != 0) return Kind::file;  // writing tells what is wrong
  if (S_ISSOCK(status.st_mode)) return Kind::socket;
  return S_ISFIFO(status.st_mode) || isatty(descriptor) == 1 ? Kind::stream : Kind::file;
}

NonblockingWriter::NonblockingWriter(int descriptor)
    : descriptor_(descriptor), kind_(kind_of(descriptor)) {
  const std::string path = "/proc/self/fd/" + std::to_string(descriptor);
  if (kind_ == Kind::stream)
    own_ = event::Descriptor(open(path.c_str(), O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
}

ssize_t NonblockingWriter::write(std::string_view bytes) const {
  if (kind_ == Kind::socket)
    return send(descriptor_, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (kind_ == Kind::file) return ::write(descriptor_, bytes.data(), bytes.size());
  if (own_.is_open()) return ::write(own_.get(), bytes.data(), bytes.size());
  pollfd stream = {descriptor_, POLLOUT, 0};
  if (poll(&stream, 1, 0) > 0)
    return ::write(descriptor_, bytes.data(), bytes.substr(0, PIPE_BUF).size());
  errno = EAGAIN;
  return -1;
}

}  // namespace net
