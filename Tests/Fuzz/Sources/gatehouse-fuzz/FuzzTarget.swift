/// One decoder, or a few that read the same bytes, and what is promised of it.
///
/// A new decoder of bytes from outside needs a row in `all`, and a folder of that name in `corpus`.
struct FuzzTarget: Sendable {
  /// Its name on the command line.
  let name: String
  /// The longest input, in bytes.
  let longest: Int
  /// Reads an input; ends the process if a promise does not hold.
  let run: @Sendable ([UInt8]) -> Void

  init(_ name: String, atMost longest: Int, _ run: @escaping @Sendable ([UInt8]) -> Void) {
    self.name = name
    self.longest = longest
    self.run = run
  }

  /// Every target, the quick ones and the slow ones in turn: two run at once.
  static let all = [
    // What comes by the socket.
    FuzzTarget("frame", atMost: 4200, Frames.run),
    FuzzTarget("request", atMost: 4200, Requests.run),
    FuzzTarget("reply", atMost: 4096, Replies.run),
    // What PAM and the program behind it give the module.
    FuzzTarget("options", atMost: 1024, ModuleLines.options),
    FuzzTarget("login", atMost: 4096, ModuleLines.login),
    // What administrators write.
    FuzzTarget("policy", atMost: 4096, Policies.load),
    FuzzTarget("edit", atMost: 1024, Policies.edit),
    FuzzTarget("list", atMost: 1024, Addresses.list),
    FuzzTarget("address", atMost: 128, Addresses.address),
    FuzzTarget("text", atMost: 64, Texts.run),
    FuzzTarget("batch", atMost: 1024, Batches.run),
    // What other programs have written.
    FuzzTarget("pam", atMost: 1024, Stacks.run),
    FuzzTarget("doors", atMost: 2048, Machines.run),
    FuzzTarget("access", atMost: 512, AccessFiles.run),
    FuzzTarget("sshd", atMost: 512, SSHConfigs.run),
    FuzzTarget("hosts", atMost: 512, HostsFiles.run),
    FuzzTarget("journal", atMost: 1024, Journals.run),
    // What servers send, and what gatehouse-fetch is asked and says.
    FuzzTarget("feed-list", atMost: 512, Feeds.list),
    FuzzTarget("feed-json", atMost: 512, Feeds.json),
    FuzzTarget("feed-signature", atMost: 512, Feeds.signature),
    FuzzTarget("feed-message", atMost: 1024, Feeds.message),
    // What the daemon and the command have kept.
    FuzzTarget("state", atMost: 4096, States.run),
  ]
}

/// Ends the process, so that the fuzzer keeps the input, if a promise does not hold.
func promise(_ isKept: Bool, _ promise: @autoclosure () -> String) {
  if !isKept { fatalError("broken promise: \(promise())") }
}

extension [UInt8] {
  /// The parts between the separators: at least one, and no more than `limit`.
  func parts(_ limit: Int, separator: UInt8 = 0) -> [[UInt8]] {
    split(separator: separator, maxSplits: limit - 1, omittingEmptySubsequences: false)
      .map { Array($0) }
  }

  /// As text, what is not UTF-8 replaced.
  var text: String { String(decoding: self, as: UTF8.self) }
}

extension [[UInt8]] {
  /// A part; nil if there are not so many, or it is empty.
  func part(_ index: Int) -> [UInt8]? {
    index < count && !self[index].isEmpty ? self[index] : nil
  }
}
