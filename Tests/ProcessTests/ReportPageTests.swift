import GatehousePlatform
import TestKit
import Testing

/// The browser of Debian's package; nil without it.
private let browser = Programs.find("chromium")

@Suite(
  "The page of gatehouse report in a browser",
  .enabled(
    if: JournalFolder.canBeMade && browser != nil,
    "needs the packages systemd-journal-remote and chromium"))
struct ReportPageTests {
  private static let hostile =
    #"</td><script>document.title="broken"</script><img src=x onerror='document.title="broken"'>"#

  /// What the browser made of a page, and what it said about it.
  private func opened(_ page: String, in folder: TemporaryDirectory) throws -> ProcessResult {
    try run(
      try #require(browser),
      [
        "--headless=new", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr",
        "--user-data-dir=\(folder.file("profile"))", "--virtual-time-budget=5000", "--dump-dom",
        "file://\(page)",
      ], seconds: 120)
  }

  @Test(
    "its script runs without an error, nothing is loaded, and no text of a log becomes a part of it"
  )
  func opens() throws {
    let entries = (0..<30).map { number in
      JournalFolder.Entry.decision(
        number == 0 ? Self.hostile : "user\(number)", "198.51.100.\(number)",
        at: minutesAgo(Int64(40 - number)),
        JournalFolder.Entry.denied.merging([
          "GATEHOUSE_ID": "aaaaaaaa\(10 + number)", "GATEHOUSE_RULE": Self.hostile,
        ]) {
          $1
        })
    }
    let journal = try JournalFolder(entries)
    let folder = try TemporaryDirectory()
    let page = folder.file("report.html")
    #expect(try gatehouse(["report", "--journal", journal.path, "--html", page]).status == 0)
    let result = try opened(page, in: folder)
    // What a page says, be it an error or something that its policy refuses, is a line of this kind.
    #expect(!result.errors.contains("CONSOLE"), "\(result.errors)")
    #expect(result.output.contains(#"<th scope="col"><button type="button">User</button></th>"#))
    #expect(result.output.contains("<title>Gatehouse, 7 days until "))
    #expect(!result.output.contains("<img"))
  }
}
