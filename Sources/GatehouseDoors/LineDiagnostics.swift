public import GatehousePAM
public import GatehousePolicy

extension ModuleLine {
  /// The line's place, as diagnostics have it.
  public var sourceLocation: SourceLocation { SourceLocation(location) }

  /// What is wrong with the line by itself, whatever stack it stands in.
  /// - Parameter policy: The policy in force; nil if there is none.
  /// - Returns: The errors and warnings; none if all is right.
  public func diagnostics(for policy: Policy?) -> [Diagnostic] {
    optionDiagnostics
      + [
        effectDiagnostic, factorDiagnostic(for: policy), codeDiagnostic(for: policy),
      ].compactMap(\.self) + nameDiagnostics(for: policy)
  }

  /// Options that the module does not accept.
  private var optionDiagnostics: [Diagnostic] {
    let effect =
      judgesNoLogin && !asksCode ? "this line never says yes" : "this line denies every login"
    return problems.map { problem in
      Diagnostic(
        error: .pamOption, location: sourceLocation,
        message: "`\(problem.argument)`: \(problem.phrase)",
        remedy: "until then \(effect); pam_gatehouse(8) has the options")
    }
  }

  /// Roles and networks that the policy does not have: nobody has a misspelt role.
  private func nameDiagnostics(for policy: Policy?) -> [Diagnostic] {
    guard let policy else { return [] }
    func unknown(_ kind: String, _ name: String, _ effect: String) -> Diagnostic {
      Diagnostic(
        warning: .pamUnknownName, location: sourceLocation,
        message: "the policy has no \(kind) `\(name)`, so this line \(effect)",
        remedy: "declare it under \(kind)s, or correct the line")
    }
    let missing = networks.filter { name in
      !["self", "local"].contains(name) && !policy.hasNetwork(Name(name))
    }
    return (isRoleUnknown ? [unknown("role", role ?? "", "refuses everybody")] : [])
      + missing.map { unknown("network", $0, "never says yes") }
  }

  /// A line that asks about a second factor of which the policy says nothing.
  private func factorDiagnostic(for policy: Policy?) -> Diagnostic? {
    guard asksFactor, let policy, !policy.hasSecondFactor else { return nil }
    return Diagnostic(
      warning: .pamLineWithoutEffect, location: sourceLocation,
      message: "the policy has no second_factor, so this line never says yes",
      remedy: "write second_factor: {not_from: […]} into the policy, or take the line out")
  }

  /// A line that asks for a code that nobody is ever sent.
  private func codeDiagnostic(for policy: Policy?) -> Diagnostic? {
    guard asksCode, let policy, policy.codeSettings == nil else { return nil }
    return Diagnostic(
      warning: .pamLineWithoutEffect, location: sourceLocation,
      message: "the policy has no authorize, so this line never asks for a code",
      remedy: "write authorize: into the policy, or take the line out; gatehouse-policy(5)")
  }

  /// A line with `authorize` in another stage than `auth`.
  private var stageDiagnostic: Diagnostic? {
    let message = "`authorize`: this option has its place in an auth line only"
    switch stage {
    case .auth: return nil
    case .account:
      return Diagnostic(
        error: .pamOption, location: sourceLocation, message: message,
        remedy: "until then this line denies every login; pam_gatehouse(8) has the options")
    case .session, .password:
      return Diagnostic(
        warning: .pamLineWithoutEffect, location: sourceLocation, message: message,
        remedy: "write `auth required pam_gatehouse.so authorize`")
    }
  }

  /// A line that does nothing, or whose denial does not count.
  private var effectDiagnostic: Diagnostic? {
    func diagnostic(_ warning: WarningName, _ message: String, _ remedy: String) -> Diagnostic {
      Diagnostic(
        warning: warning, location: sourceLocation, message: message, remedy: remedy)
    }
    let usual = "write `account requisite pam_gatehouse.so`"
    let isOptional = control.lowercased() == "optional"
    guard isLoadable else {
      return diagnostic(
        .pamLineWithoutEffect, "libpam cannot load the module `\(module)`", usual)
    }
    if asksCode { return stageDiagnostic }
    if judgesNoLogin, stage == .auth || stage == .account {
      return isOptional
        ? diagnostic(
          .pamLineWithoutEffect, "the answer does not count in a line that is `optional`",
          "write `[success=1 default=ignore]`, which skips the next line if the answer is yes")
        : nil
    }
    if stage != .account {
      return diagnostic(
        .pamLineWithoutEffect, "pam_gatehouse.so decides nothing in a line of type `\(stage)`",
        stage == .auth
          ? "\(usual), or factor or network= for a question about a second factor or a network"
          : usual)
    }
    guard isOptional || control.lowercased() == "sufficient" else { return nil }
    return diagnostic(
      .pamLineNeverDenies, "a denial does not count in a line that is `\(control)`", usual)
  }
}

extension SourceLocation {
  /// The place of a line of PAM's files.
  public init(_ location: PAMLocation) {
    self.init(file: location.file, line: location.line, column: 1)
  }
}
