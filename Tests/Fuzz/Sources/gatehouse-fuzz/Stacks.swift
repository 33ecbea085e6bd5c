import GatehousePAM
import PAMKit

/// PAM's own files.
enum Stacks {
  private static let dialects: [PAMDialect] = [.debian12, .debian13, .upstream15, .upstream17]
  private static let names = ["s", "common-account", "other", "/usr/lib/pam.d/s", "more"]

  /// The first byte chooses the answers of the modules; then files with the byte 255 between them.
  @Sendable static func run(_ bytes: [UInt8]) {
    guard let seed = bytes.first else { return }
    var files = FolderFiles()
    for (name, content) in zip(names, bytes.dropFirst().split(separator: 0xFF, maxSplits: 4)) {
      files.files[name.hasPrefix("/") ? name : "/etc/pam.d/\(name)"] = Array(content)
    }
    for dialect in dialects {
      guard case .stacks(let stacks) = StackReader.read("s", by: dialect, from: files),
        let stack = stacks[.account]
      else { continue }
      judge(stack, seed)
    }
  }

  /// The search finds what a run comes to.
  private static func judge(_ stack: PAMStack, _ seed: UInt8) {
    // More lines than anybody writes take the search long, and tell nothing new.
    guard stack.lines.count <= 24 else { return }
    let verdict = StackVerdict(stack)
    var said: Set<ReturnCode> = []
    let run = stack.run { index in
      let line = stack.lines[index]
      guard case .module(_, let arguments, _) = line.kind, let name = line.moduleName else {
        return .permissionDenied
      }
      if line.isOurs {
        let code: ReturnCode = [.success, .permissionDenied, .ignore, .unavailable][Int(seed & 3)]
        said.insert(code)
        return code
      }
      if line.seemsOurs { return .success }
      let answers = ModuleKnowledge.answers(of: name, arguments: arguments)
      return answers.isEmpty
        ? .permissionDenied : answers[(Int(seed >> 2) + index) % answers.count].code
    }
    guard run.code.letsIn else { return }
    promise(verdict.canLetIn, "who gets in can get in")
    if said.isEmpty {
      promise(!verdict.unasked.isEmpty, "a way in past our line is found")
    } else if said == [.permissionDenied] {
      promise(verdict.denied.letsIn != nil, "a way in after a denial is found")
      promise(!verdict.overruled.isEmpty, "a denial that does not count is found")
    }
  }
}
