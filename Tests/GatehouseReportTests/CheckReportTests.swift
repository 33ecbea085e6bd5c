import GatehousePolicy
import GatehouseReport
import Testing

@Suite("The findings of a check")
struct CheckReportTests {
  private func finding(
    _ severity: Diagnostic.Severity, file: String = "policy.yaml", remedy: String? = nil
  ) -> Diagnostic {
    Diagnostic(
      severity: severity, name: "a_name",
      location: SourceLocation(file: file, line: 3, column: 5), message: "what is wrong",
      remedy: remedy)
  }

  private func report(
    _ diagnostics: [Diagnostic], folder: String = "/etc/gatehouse", isStrict: Bool = false
  ) -> CheckReport {
    CheckReport(
      path: "/etc/gatehouse", folder: folder, loaded: (.enforce, "0123456789abcdef"),
      diagnostics: diagnostics, isStrict: isStrict)
  }

  @Test(
    "errors are a no, warnings only to a strict check",
    arguments: [
      ([], false, ReportStatus.yes), ([], true, .yes), ([.warning], false, .yes),
      ([.warning], true, .no), ([.error], false, .no), ([.warning, .error], false, .no),
    ] as [([Diagnostic.Severity], Bool, ReportStatus)])
  func status(severities: [Diagnostic.Severity], isStrict: Bool, status: ReportStatus) {
    #expect(report(severities.map { finding($0) }, isStrict: isStrict).status == status)
  }

  @Test("each has its place, as it can be opened, and its remedy on a line of its own")
  func text() {
    let diagnostics = [
      Diagnostic(
        severity: .warning, name: "whole", location: nil, message: "of the whole", remedy: nil),
      finding(.error, remedy: "what is right"),
      finding(.warning, file: "/etc/pam.d/sshd"),
    ]
    #expect(
      report(diagnostics).text() == """
        warning: of the whole [whole]
        /etc/gatehouse/policy.yaml:3:5: error: what is wrong [a_name]
            what is right
        /etc/pam.d/sshd:3:5: warning: what is wrong [a_name]
        not ok  /etc/gatehouse: 1 error, 2 warnings, mode enforce (0123456789ab)

        """)
  }

  @Test(
    "places are relative to the policy's folder",
    arguments: [
      ("/etc/gatehouse", "/etc/gatehouse/policy.yaml:3:5: "),
      ("/etc/gatehouse/", "/etc/gatehouse/policy.yaml:3:5: "),
      ("new", "new/policy.yaml:3:5: "),
      ("", "policy.yaml:3:5: "),
    ])
  func places(folder: String, start: String) {
    #expect(report([finding(.error)], folder: folder).text().hasPrefix(start))
  }

  @Test("nothing found is one line")
  func clean() {
    #expect(
      report([]).text()
        == "ok  /etc/gatehouse: no errors, no warnings, mode enforce (0123456789ab)\n")
  }

  @Test("it says how many warnings the policy silences")
  func silenced() {
    let report = CheckReport(
      path: "p", folder: "", loaded: nil, diagnostics: [finding(.warning)], silenced: 2,
      isStrict: false)
    #expect(report.text().hasSuffix("ok  p: no errors, 1 warning (2 silenced)\n"))
    #expect(report.text(.json).contains(#""warnings":1,"silenced":2,"#))
  }

  @Test("while no login asks, a line says so, and what turns it on")
  func unasked() {
    let report = CheckReport(
      path: "p", folder: "", loaded: nil, diagnostics: [], isAsked: false, isStrict: true)
    #expect(report.status == .yes)
    #expect(
      report.text()
        == "off  no login asks Gatehouse yet; `gatehouse pam enable` turns that on\n"
        + "ok  p: no errors, no warnings\n")
    #expect(report.text(.json).contains(#","asked":false,"#))
  }

  @Test("a policy that does not load has no mode")
  func unloaded() {
    let report = CheckReport(
      path: "p", folder: "", loaded: nil, diagnostics: [finding(.error)], isStrict: false)
    #expect(report.text().hasSuffix("not ok  p: 1 error, no warnings\n"))
    #expect(
      report.text(.json) == """
        {"version":1,"outcome":"no","error":null,"path":"p","mode":null,"sha256":null,"errors":1,"warnings":0,"silenced":0,"asked":true,"diagnostics":\
        [{"severity":"error","name":"a_name","file":"policy.yaml","line":3,"column":5,\
        "message":"what is wrong","remedy":null}]}

        """)
  }
}
