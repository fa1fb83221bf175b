#pragma once

#include <string>

#include "epmd/message.h"

/// A node as a current one would describe itself.
inline epmd::Node node_named(const std::string& alive_name, uint16_t port_no = 4711) {
  epmd::Node node;
  node.alive_name = alive_name;
  node.port_no = port_no;
  node.node_type = 'M';
  node.highest_version = 6;
  node.lowest_version = 5;
  return node;
}

inline std::string alive2_req(const std::string& alive_name, uint16_t port_no = 4711) {
  return epmd::encode_alive2_req(node_named(alive_name, port_no));
}
inline std::string port_please2_req(const std::string& alive_name) {
  return epmd::encode_request(epmd::Opcode::port_please2_req, alive_name);
}
inline std::string names_req() { return epmd::encode_request(epmd::Opcode::names_req); }
inline std::string dump_req() { return epmd::encode_request(epmd::Opcode::dump_req); }
inline std::string kill_req() { return epmd::encode_request(epmd::Opcode::kill_req); }
inline std::string stop_req(const std::string& alive_name) {
  return epmd::encode_request(epmd::Opcode::stop_req, alive_name);
}

/// `count` characters of `character`, which may be several bytes.
inline std::string characters(size_t count, const std::string& character = "n") {
  std::string text;
  for (size_t i = 0; i < count; ++i) text += character;
  return text;
}
