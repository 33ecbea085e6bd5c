import GatehouseJournal
import TestKit
import Testing

/// What the package has about the entries of the log: catalog, manual and rules.
@Suite("The kinds of entries of the log")
struct EntryKindTests {
  private static let packaging =
    #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
    .joined(separator: "/") + "/packaging"

  private static let ids = Set(EntryKind.allCases.map(\.rawValue))

  /// An entry of the catalog: its header and its text.
  private struct Text {
    let id: String
    let header: [Substring]
    let body: String
  }

  private static func catalog() throws -> [Text] {
    try readText("\(packaging)/systemd/gatehouse.catalog").split(separator: "\n-- ").dropFirst().map
    {
      let parts = $0.split(separator: "\n\n", maxSplits: 1)
      let header = parts[0].split(separator: "\n")
      return Text(
        id: String(header[0]), header: Array(header.dropFirst()), body: String(parts.last ?? ""))
    }
  }

  @Test("each has a text in the message catalog, and each text there is of one")
  func catalogIsComplete() throws {
    let texts = try Self.catalog()
    #expect(Set(texts.map(\.id)) == Self.ids)
    #expect(texts.count == Self.ids.count)
  }

  @Test("a text says what happened, what to do, and where more is said, in 80 columns")
  func catalogSaysWhatToDo() throws {
    for text in try Self.catalog() {
      #expect(
        text.header.map { $0.prefix { $0 != ":" } } == ["Subject", "Defined-By", "Documentation"])
      let words = text.body.replacing("\n", with: " ")
      #expect(
        text.body.contains("What to do:\n  ") || words.contains("Nothing has to be done")
          || words.contains("correct the PAM line"), "\(text.id)")
      // journalctl puts three columns before them.
      #expect(text.body.split(separator: "\n").allSatisfy { $0.count <= 77 }, "\(text.id)")
    }
  }

  @Test("no text of the catalog shows a field of the entry, which any user could have written")
  func catalogIsHarmless() throws {
    for text in try Self.catalog() { #expect(!text.body.contains("@"), "\(text.id)") }
  }

  @Test("systemd takes the catalog", .enabled(if: hasJournalctl))
  func catalogCompiles() throws {
    let root = try TemporaryDirectory()
    try root.write(
      try readText("\(Self.packaging)/systemd/gatehouse.catalog"),
      to: "usr/lib/systemd/catalog/gatehouse.catalog")
    try root.directory("var/lib/systemd/catalog")
    let made = try run("journalctl", ["--root=\(root.path)", "--update-catalog"])
    #expect(made.status == 0, "\(made)")
    let listed = try run("journalctl", ["--root=\(root.path)", "--list-catalog"])
    let ids = listed.output.split(separator: "\n").compactMap { $0.split(separator: " ").first }
    #expect(Set(ids.map(String.init)) == Self.ids, "\(listed)")
  }

  private static let hasJournalctl = (try? run("journalctl", ["--version"]).status) == 0

  @Test("each is in gatehoused(8), and so is every field of the daemon's entries")
  func manual() throws {
    let page = try readText("\(Self.packaging)/man/gatehoused.8")
    for id in Self.ids { #expect(page.contains(".It Ql \(id)\n"), "\(id)") }
    let sources = try run(
      "grep", ["-rhoE", "\"GATEHOUSE_[A-Z_]+\"", "\(Self.packaging)/../Sources/GatehouseDaemon"])
    let fields = Set(sources.output.split(separator: "\n").map { $0.dropFirst().dropLast() })
    #expect(fields.count > 30)
    let words = Set(page.split { !($0.isLetter || $0 == "_" || $0.isNumber) })
    // Those of a grant are named by their ends there.
    for field in fields where !["GATEHOUSE_ROLE"].contains(field) {
      #expect(words.contains(field), "\(field)")
    }
  }

  @Test(
    "a Sigma rule believes only what the journal attributes to the daemon, and names kinds there are"
  )
  func sigma() throws {
    let listed = try run("ls", ["\(Self.packaging)/sigma"])
    let names = listed.output.split(separator: "\n")
    #expect(names.count == 6)
    for name in names {
      let rule = try readText("\(Self.packaging)/sigma/\(name)")
      #expect(rule.contains("_SYSTEMD_UNIT: gatehoused.service\n"), "\(name)")
      #expect(rule.contains("condition: unit and "), "\(name)")
      let ids = rule.matches(of: /\b[0-9a-f]{32}\b/).map { String($0.output) }
      #expect(!ids.isEmpty && ids.allSatisfy(Self.ids.contains), "\(name)")
    }
  }

  @Test("sigma-cli finds nothing wrong with the rules", .enabled(if: hasSigma, "needs sigma-cli"))
  func sigmaChecks() throws {
    let result = try run(
      "sigma",
      // These two would fetch lists of tags.
      ["check", "--fail-on-error", "--fail-on-issues", "-x", "attacktag", "-x", "d3_fendtag"]
        + ["\(Self.packaging)/sigma"])
    #expect(result.status == 0, "\(result)")
  }

  private static let hasSigma = (try? run("sigma", ["version"]).status) == 0
}
