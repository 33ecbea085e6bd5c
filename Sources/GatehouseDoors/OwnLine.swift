internal import GatehousePAM

/// The line that Gatehouse writes by itself into a file of PAM, if pam-auth-update cannot.
///
/// Only this line is put in and taken out; everything else stays as it is, byte for byte.
public enum OwnLine {
  /// By this a line is known again.
  private static let mark = "# written by gatehouse pam enable"
  /// What pam-auth-update begins the part with that it manages.
  private static let managedPart = "# here are the per-package modules"

  /// The line.
  /// - Parameter failsClosed: Whether nobody gets in without an answer.
  /// - Returns: The line without its end.
  public static func text(failsClosed: Bool) -> String {
    "account requisite pam_gatehouse.so onerr=\(failsClosed ? "fail" : "succeed") \(mark)"
  }

  /// Whether the line is in a file; nil if it is not.
  /// - Parameter content: The file.
  /// - Returns: Whether nobody gets in without an answer.
  public static func failsClosed(in content: [UInt8]) -> Bool? {
    lines(of: content).lazy.filter(isOwn).first.map { $0.holds("onerr=fail".utf8) }
  }

  /// The file without the line.
  public static func removed(from content: [UInt8]) -> [UInt8] {
    Array(lines(of: content).filter { !isOwn($0) }.joined())
  }

  /// The file with the line before all account lines, and before the part of pam-auth-update.
  public static func added(to content: [UInt8], failsClosed: Bool) -> [UInt8] {
    put(text(failsClosed: failsClosed), into: removed(from: content)) { line, isContinued in
      !isContinued && (isAccount(line) || isStart(line))
    }
  }

  /// The file as pam-auth-update would write it with a profile of ours, as far as our line goes.
  public static func withProfile(in content: [UInt8], failsClosed: Bool) -> [UInt8] {
    let others = lines(of: removed(from: content)).filter { line in
      !(isAccount(line) && line.holds("pam_gatehouse.so onerr=".utf8))
    }
    var hasBegun = !others.contains(where: isStart)
    let line = "account requisite pam_gatehouse.so onerr=\(failsClosed ? "fail" : "succeed")"
    return put(line, into: Array(others.joined())) { line, isContinued in
      defer { if isStart(line) { hasBegun = true } }
      return hasBegun && !isContinued && isAccount(line)
    }
  }

  private static func put(
    _ text: String, into content: [UInt8],
    before isPlace: (ArraySlice<UInt8>, _ isContinued: Bool) -> Bool
  ) -> [UInt8] {
    let own = Array("\(text)\n".utf8)
    var result: [UInt8] = []
    var isContinued = false
    var isDone = false
    for line in lines(of: content) {
      if !isDone && isPlace(line, isContinued) {
        result += own
        isDone = true
      }
      result += line
      isContinued = line.dropLast(line.last == newline ? 1 : 0).last == UInt8(ascii: "\\")
    }
    if isDone { return result }
    if let last = result.last, last != newline { result.append(newline) }
    return result + own
  }

  private static let newline = UInt8(ascii: "\n")

  /// The lines with their ends.
  private static func lines(of content: [UInt8]) -> [ArraySlice<UInt8>] {
    var lines: [ArraySlice<UInt8>] = []
    var rest = content[...]
    while !rest.isEmpty {
      let end = rest.firstIndex(of: newline).map { $0 + 1 } ?? rest.endIndex
      lines.append(rest[..<end])
      rest = rest[end...]
    }
    return lines
  }

  private static func isOwn(_ line: ArraySlice<UInt8>) -> Bool {
    line.holds("pam_gatehouse.so".utf8) && line.holds(mark.utf8)
  }

  private static func isStart(_ line: ArraySlice<UInt8>) -> Bool {
    line.starts(with: managedPart.utf8)
  }

  /// Whether a line is about the account stage, or puts another file in.
  private static func isAccount(_ line: ArraySlice<UInt8>) -> Bool {
    let text = line.drop { $0 == 0x20 || $0 == 0x09 }
    let word = text.prefix { $0 != 0x20 && $0 != 0x09 && $0 != newline }
    let name = String(
      decoding: word.first == UInt8(ascii: "-") ? word.dropFirst() : word, as: UTF8.self)
    return name.lowercased() == "account" || name == "@include"
  }
}
