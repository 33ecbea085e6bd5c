import FoundationEssentials
import GatehouseDoors
import GatehousePlatform

/// What programs said about the machine's doors, such as `sshd -T`: kept for a minute, as long as no
/// file changes that was looked at with them.
///
/// It is in a file of root's alone, in root's own folder of /run; anything else there is not believed.
final class ProgramMemory {
  private static let path = "/run/gatehouse/doors"
  private static let longest = 4 << 20
  private static let lifetime = Duration.seconds(60)

  private struct Record: Codable {
    var boot: String
    /// When it was made, in microseconds since the boot.
    var made: Int64
    /// Every file and folder that was looked at, with the state that it had; nil if there was none.
    var files: [String: String?]
    var outputs: [Output]
  }

  private struct Output: Codable {
    var words: [String]
    /// Nil if there is no such program.
    var text: String?
  }

  private let boot = SystemClock.bootID() ?? ""
  private var outputs: [[String]: ProgramOutput] = [:]
  private var files: [String: String?] = [:]
  /// Whether there is something new to keep.
  private var isNew = false

  /// What is kept, if it still holds.
  init() {
    guard let record = kept() else { return }
    files = record.files
    for output in record.outputs {
      outputs[output.words] = output.text.map { .text($0) } ?? .absent
    }
  }

  private func kept() -> Record? {
    guard CurrentProcess.isRoot,
      let status = Files.status(of: Self.path, followingLinks: false),
      status.kind == .regular, status.owner == 0, status.mode & 0o077 == 0,
      let bytes = try? Files.content(of: Self.path, atMost: Self.longest),
      let record = try? JSONDecoder().decode(Record.self, from: Data(bytes))
    else { return nil }
    let age = SystemClock.sinceBoot().wholeMicroseconds - record.made
    guard record.boot == boot, !boot.isEmpty, age >= 0, age < Self.lifetime.wholeMicroseconds,
      record.files.allSatisfy({ Self.state(of: $0.key) == $0.value })
    else { return nil }
    return record
  }

  /// Notes that a file or folder is looked at.
  func look(at path: String) {
    guard files[path] == nil else { return }
    files[path] = .some(Self.state(of: path))
  }

  /// What a program said, or says now.
  func output(of words: [String], _ run: () -> ProgramOutput) -> ProgramOutput {
    if let output = outputs[words] { return output }
    let output = run()
    outputs[words] = output
    isNew = true
    return output
  }

  /// Keeps what was found out, for the next command; what fails is not kept.
  func save() {
    guard isNew, CurrentProcess.isRoot, !boot.isEmpty else { return }
    let kept = outputs.compactMap { words, output -> Output? in
      switch output {
      case .text(let text): Output(words: words, text: text)
      case .absent: Output(words: words, text: nil)
      case .failed: nil
      }
    }
    let record = Record(
      boot: boot, made: SystemClock.sinceBoot().wholeMicroseconds, files: files, outputs: kept)
    guard let bytes = try? JSONEncoder().encode(record) else { return }
    try? Files.replace(
      Self.path, with: [Array(bytes)], Files.Ownership(mode: 0o600), durably: false)
  }

  private static func state(of path: String) -> String? {
    Files.status(of: path).map { "\($0.identity)" }
  }
}
