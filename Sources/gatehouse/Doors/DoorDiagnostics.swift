import GatehouseClient
import GatehouseDoors
import GatehousePAM
import GatehousePolicy
import GatehouseReport

/// What `gatehouse check` says of the machine's doors.
enum DoorDiagnostics {
  /// The diagnostics of single lines and, if any line asks Gatehouse, what was found about the doors.
  ///
  /// Before the first line there is nothing to warn of.
  ///
  /// - Returns: The diagnostics, and whether any line asks.
  static func all(for policy: Policy?) -> (diagnostics: [Diagnostic], isAsked: Bool) {
    let machine = ThisMachine()
    let doors = Doors(of: machine, policy: policy)
    let lines = PAMServices.diagnostics(about: doors.lines, of: machine, for: policy)
    let isInUse = !doors.lines.isEmpty || doors.findings.contains { $0.kind == .closed }
    let unasked = [
      localNotAsked(by: doors.lines, policy), factorNotAsked(by: doors.lines, policy),
      codeNotAsked(by: doors.lines, policy),
    ].compactMap(\.self)
    let found = isInUse ? doors.findings.map { Diagnostic($0) } : []
    return (lines + unasked + found, !doors.lines.isEmpty)
  }

  /// The warning about a `local` of the policy that no line asks for.
  private static func localNotAsked(by lines: [ModuleLine], _ policy: Policy?) -> Diagnostic? {
    guard let location = policy?.localLocation,
      !lines.contains(where: { $0.local == .ask })
    else { return nil }
    return Diagnostic(
      warning: .localNotAsked, location: location,
      message: "no line of pam_gatehouse has local=ask, so `local` counts for nobody",
      remedy: "write local=ask on the lines of login and of the display manager")
  }
}

extension DoorDiagnostics {
  /// The warning about a `second_factor` of the policy that no line asks for.
  private static func factorNotAsked(by lines: [ModuleLine], _ policy: Policy?) -> Diagnostic? {
    guard let location = policy?.secondFactorLocation, !lines.contains(where: \.asksFactor) else {
      return nil
    }
    return Diagnostic(
      warning: .factorNotAsked, location: location,
      message: "no line of pam_gatehouse has factor, so `second_factor` spares nobody",
      remedy: "pam_gatehouse(8), SECOND FACTOR, has the line")
  }
}

extension DoorDiagnostics {
  /// The warning about an `authorize` of the policy whose codes no line asks for.
  private static func codeNotAsked(by lines: [ModuleLine], _ policy: Policy?) -> Diagnostic? {
    guard let location = policy?.codeSettings?.location,
      !lines.contains(where: \.asksCode)
    else { return nil }
    return Diagnostic(
      warning: .codeNotAsked, location: location,
      message: "no line of pam_gatehouse has authorize, so nobody is asked for a code",
      remedy: "pam_gatehouse(8), A PLACE OF ONE'S OWN, has the line")
  }
}

extension Diagnostic {
  /// A warning about a door.
  fileprivate init(_ finding: DoorFinding) {
    self.init(
      warning: WarningName(finding.kind), location: finding.location.map { SourceLocation($0) },
      message: "\(finding.subject): \(finding.message)", remedy: finding.remedy)
  }
}

extension WarningName {
  /// The name of the warning about a kind of finding.
  fileprivate init(_ kind: DoorFinding.Kind) {
    self =
      switch kind {
      case .unjudged: .loginsNotJudged
      case .closed: .nobodyGetsIn
      case .unknown: .doorNotKnown
      case .noAddress: .givesNoAddress
      case .wayAround: .wayAround
      case .penalty: .countsRefusals
      case .jump: .jumpMisses
      case .code: .codeMisses
      case .beside: .besidePAM
      }
  }
}
