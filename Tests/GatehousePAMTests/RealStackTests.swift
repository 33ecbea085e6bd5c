import Foundation
import GatehousePAM
import PAMKit
import TestKit
import Testing

/// Stacks of real systems, with the verdicts worked out by hand.
@Suite struct RealStackTests {
  @Test("the verdict about a stack of a real system", arguments: try WrittenStack.all())
  func verdict(written: WrittenStack) throws {
    let reading = StackReader.read(written.service, by: written.dialect, from: written.files)
    guard case .stacks(let stacks) = reading else {
      #expect(written.expectations["reading"] == ["refused"], "\(written.name): \(reading)")
      return
    }
    let stack = try #require(stacks[.account])
    let verdict = StackVerdict(stack)
    func culprits(_ ways: [StackWay]) -> [String] {
      ways.map { way in
        guard let step = way.culprit.map({ way.steps[$0] }) else { return "-" }
        return
          "\(stack.lines[step.index].moduleName ?? "?")=\(step.code.name.dropFirst(4).lowercased())"
      }
    }
    var found: [String: [String]] = [
      "sound": [verdict.isSound ? "yes" : "no"],
      "unasked": verdict.unasked.isEmpty ? ["none"] : culprits(verdict.unasked).sorted(),
      "overruled": verdict.overruled.isEmpty ? ["none"] : culprits(verdict.overruled).sorted(),
      "allowed": [verdict.allowed.letsIn == nil ? "out" : "in"],
      "ignored": [verdict.ignored.letsIn == nil ? "out" : "in"],
      "anybody": [verdict.canLetIn ? "in" : "out"],
    ]
    var expected = written.expectations
    let says = expected.removeValue(forKey: "says") ?? []
    found["reading"] = expected["reading"]
    #expect(found == expected.mapValues { $0.sorted() }, "\(written.name)")
    let sentences = (verdict.unasked + verdict.overruled).map { $0.sentence(about: stack, verdict) }
    for sentence in says {
      #expect(sentences.contains(sentence), "\(written.name): \(sentences)")
    }
  }

  @Test(
    "libpam returns what each way through such a stack says",
    .enabled(if: RealLibpam.obstacle == nil, "\(RealLibpam.obstacle ?? "")"))
  func ways() throws {
    var files = FolderFiles()
    var services: [String] = []
    var expected: [String] = []
    for (number, written) in try WrittenStack.all().enumerated() {
      guard written.fitsIntoOneFolder else { continue }
      let reading = StackReader.read(written.service, by: written.dialect, from: written.files)
      guard case .stacks(let stacks) = reading, let stack = stacks[.account] else { continue }
      let verdict = StackVerdict(stack)
      var ways = verdict.unasked + verdict.overruled
      for outcome in [verdict.allowed, verdict.denied, verdict.unavailable, verdict.ignored] {
        ways += [outcome.letsIn, outcome.refuses].compactMap(\.self)
      }
      for (turn, way) in ways.enumerated() {
        let prefix = "w\(number)-\(turn)-"
        for (path, bytes) in written.files(of: prefix, returning: way.steps, in: stack).files {
          files.files[path] = bytes
        }
        services.append(prefix + written.service)
        expected.append("\(way.code.rawValue)")
      }
    }
    #expect(services.count > 200)
    let answers = try RealLibpam.ask(services, files)
    for (service, (answer, code)) in zip(services, zip(answers, expected)) where answer != code {
      Issue.record("\(service): libpam says \(answer), the model \(code)")
    }
  }
}

/// A stack that was written down in the folder Stacks.
struct WrittenStack: CustomTestStringConvertible {
  var name = ""
  var dialect = PAMDialect.debian12
  var service = ""
  var files = FolderFiles()
  var expectations: [String: [String]] = [:]

  var testDescription: String { name }

  /// Whether it can be had beside the others: one file for all services, the service `other` and
  /// upstream's way with @include cannot.
  var fitsIntoOneFolder: Bool {
    files.folders.contains("/etc/pam.d") && files["other"] == nil
      && (dialect.isDebian || !name.contains("@include"))
  }

  static func all() throws -> [WrittenStack] {
    let folder = try #require(Bundle.module.resourcePath) + "/Stacks"
    return try ["debian", "redhat", "suse", "others"].flatMap { family in
      try parse(readText("\(folder)/\(family).txt"))
    }
  }

  private static func parse(_ text: String) throws -> [WrittenStack] {
    var stacks: [WrittenStack] = []
    var file: String?
    for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
      let words = line.split(separator: " ").map(String.init)
      let rest = words.dropFirst().joined(separator: " ")
      if words.first == "stack" {
        stacks.append(WrittenStack(name: rest))
        stacks[stacks.count - 1].files.missing = ["pam_gatehouse", "pam_gatehous.so"]
        file = nil
        continue
      }
      guard var stack = stacks.popLast() else { continue }
      defer { stacks.append(stack) }
      switch words.first {
      case "dialect":
        stack.dialect = try #require(
          [
            "debian12": .debian12, "debian13": .debian13, "upstream15": .upstream15,
            "upstream17": .upstream17,
          ][rest])
      case "service": stack.service = rest
      case "file":
        file = rest
        stack.files[rest] = ""
        if rest == "/etc/pam.conf" { stack.files.folders = [] }
      case "expect": file = nil
      case "says" where file == nil: stack.expectations["says", default: []].append(rest)
      case let key? where file == nil: stack.expectations[key] = Array(words.dropFirst())
      default:
        if let file { stack.files[file] = (stack.files[file] ?? "") + line + "\n" }
      }
    }
    return stacks
  }

  /// The same files under names with a prefix, all in /etc/pam.d, with a pam_debug line in the place of
  /// each line that is asked, and a missing module in the place of one that cannot be loaded.
  func files(of prefix: String, returning steps: [StackStep], in stack: PAMStack) -> FolderFiles {
    var codes: [PAMLocation: String] = [:]
    for step in steps where stack.lines[step.index].moduleName != nil {
      codes[stack.lines[step.index].location] = String(step.code.name.dropFirst(4).lowercased())
    }
    var renamed = FolderFiles()
    for (path, bytes) in files.files.sorted(by: { $0.key > $1.key }) {
      let lines = String(decoding: bytes, as: UTF8.self).split(
        separator: "\n", omittingEmptySubsequences: false)
      let text = lines.enumerated().map { number, line in
        var words = line.split { $0 == " " || $0 == "\t" }.map(String.init)
        if words.first == "@include" || words.dropFirst().first == "include"
          || words.dropFirst().first == "substack"
        {
          let last = words.removeLast()
          return (words + [prefix + last]).joined(separator: " ")
        }
        guard let code = codes[PAMLocation(file: path, line: number + 1)],
          let module = line.firstRange(of: "pam_")
        else { return String(line) }
        return line[..<module.lowerBound] + "pam_debug.so acct=\(code)"
      }
      // The first folder wins.
      renamed["/etc/pam.d/\(prefix)\(path.split(separator: "/").last ?? "")"] = text.joined(
        separator: "\n")
    }
    return renamed
  }
}
