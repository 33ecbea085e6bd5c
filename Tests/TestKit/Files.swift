public import Glibc

/// The whole content of a file.
public func readFile(_ path: String) throws -> [UInt8] {
  // SAFETY: the path is a C string for the length of the call.
  let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { throw TestKitError("open \(path): errno \(errno)") }
  defer { close(descriptor) }
  return try readAll(descriptor, from: path)
}

/// Everything a descriptor still gives until its end.
public func readAll(_ descriptor: Int32, from label: String) throws -> [UInt8] {
  var content: [UInt8] = []
  var block = [UInt8](repeating: 0, count: 65536)
  while true {
    // SAFETY: the buffer is as long as the count says.
    let count = unsafe block.withUnsafeMutableBytes {
      unsafe read(descriptor, $0.baseAddress, $0.count)
    }
    if count < 0 && errno == EINTR { continue }
    guard count >= 0 else { throw TestKitError("read \(label): errno \(errno)") }
    if count == 0 { return content }
    content += block[..<count]
  }
}

/// The whole content of a file as text.
public func readText(_ path: String) throws -> String {
  String(decoding: try readFile(path), as: UTF8.self)
}

/// Writes a file anew.
public func writeFile(_ path: String, _ content: [UInt8], mode: mode_t = 0o644) throws {
  // SAFETY: the path is a C string for the length of the call.
  let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
  guard descriptor >= 0 else { throw TestKitError("open \(path): errno \(errno)") }
  defer { close(descriptor) }
  guard fchmod(descriptor, mode) == 0 else { throw TestKitError("chmod \(path): errno \(errno)") }
  var rest = content[...]
  while !rest.isEmpty {
    // SAFETY: the buffer is as long as the count says.
    let count = unsafe rest.withUnsafeBytes {
      unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
    }
    guard count > 0 else { throw TestKitError("write \(path): errno \(errno)") }
    rest = rest.dropFirst(count)
  }
}

/// Whether the tests run as root, which those that need it name as their condition.
public let isRoot = geteuid() == 0

/// The built program of that name, beside the test bundle that is running.
public func builtProgram(_ name: String) throws -> String {
  var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
  // SAFETY: the buffer is as long as the count says; readlink(2) writes no more than that.
  let length = unsafe buffer.withUnsafeMutableBytes { bytes in
    unsafe bytes.baseAddress.map { unsafe readlink("/proc/self/exe", $0, bytes.count) } ?? -1
  }
  guard length > 0 else { throw TestKitError("readlink /proc/self/exe: errno \(errno)") }
  let own = String(decoding: buffer[..<length], as: UTF8.self)
  let folder = own[..<(own.lastIndex(of: "/") ?? own.startIndex)]
  let path = "\(folder)/\(name)"
  // SAFETY: the path is a C string for the length of the call.
  guard unsafe access(path, X_OK) == 0 else { throw TestKitError("\(path) is not built") }
  return path
}
