public import GatehouseClient
public import GatehousePAM
public import GatehousePolicy

/// A line of PAM's files that names our module, or seems to.
public struct ModuleLine: Hashable, Sendable {
  /// Where it stands.
  public var location: PAMLocation
  /// What it is for.
  public var stage: PAMStage
  /// The control as it is written, without brackets.
  public var control: String
  /// The module as it is written.
  public var module: String
  /// What the module is given.
  public var arguments: [String]
  /// Whether libpam can load the module under that name.
  public var isLoadable: Bool
  /// What is wrong with the options, one by one.
  public var problems: [Problem]
  /// Whether it asks for a role that the policy does not have.
  public var isRoleUnknown: Bool
  /// Whether it is about a network, the second factor or a code, and judges no login.
  public var judgesNoLogin: Bool
  /// Whether it asks if a second factor is needed.
  public var asksFactor: Bool
  /// Whether it asks for the code that a denied user was sent.
  public var asksCode: Bool
  /// Whether nobody gets in while no usable answer comes.
  public var failsClosed: Bool
  /// Whether the origin may be that of the login session.
  public var usesSession: Bool
  /// What a local login gets.
  public var local: ModuleOptions.LocalLogin

  /// An option that the module does not accept.
  public struct Problem: Hashable, Sendable {
    /// The option as it is written.
    public var argument: String
    /// What is wrong with it.
    public var phrase: String
  }

  /// The line of a stack; nil if its module is another.
  /// - Parameters:
  ///   - line: The line.
  ///   - stage: What its stack is for.
  ///   - policy: The policy in force, for the role; nil if there is none.
  public init?(_ line: StackLine, of stage: PAMStage, _ policy: Policy?) {
    guard case .module(let module, let arguments, let isLoadable) = line.kind, line.seemsOurs else {
      return nil
    }
    var options = ModuleOptions()
    var problems: [Problem] = []
    for argument in arguments {
      do throws(OptionProblem) {
        try options.take(Array(argument.utf8).span)
      } catch {
        problems.append(Problem(argument: argument, phrase: "\(error.phrase)"))
      }
    }
    location = line.location
    self.stage = stage
    control = line.controlText
    self.module = module
    self.arguments = arguments
    self.isLoadable = isLoadable
    self.problems = problems
    asksCode = line.asksCode
    judgesNoLogin = options.judgesNoLogin
    asksFactor = options.factor
    failsClosed = options.onError == .fail
    usesSession = options.origin == .session
    local = options.local
    isRoleUnknown = false
    if let role, let policy { isRoleUnknown = !policy.hasRole(Name(role)) }
  }

  /// Whether it asks the policy in the account stage.
  public var isOurs: Bool {
    stage == .account && isLoadable && !judgesNoLogin
      && (module.split(separator: "/").last ?? "") == "pam_gatehouse.so"
  }

  /// Whether every login that it is asked about is denied, whatever the policy says.
  public var refusesEverybody: Bool { !problems.isEmpty || isRoleUnknown }

  /// The role that it asks for; nil if it asks for none.
  public var role: String? { value(of: "role") }
  /// The networks that it asks about; empty if it asks about none.
  public var networks: [String] {
    (value(of: "network") ?? "").split(separator: ",").map(String.init)
  }
  /// The service that it asks as; nil if that is PAM's own.
  public var service: String? { value(of: "service") }

  private func value(of option: String) -> String? {
    arguments.first { $0.utf8.starts(with: "\(option)=".utf8) }.map {
      String($0.dropFirst(option.count + 1))
    }
  }

  /// The control as it is written, with its brackets.
  public var writtenControl: String {
    control.contains { $0 == "=" || $0 == " " } ? "[\(control)]" : control
  }

  /// The line as text, each word after one space.
  public var text: String {
    ([stage.rawValue, writtenControl, module] + arguments).joined(separator: " ")
  }
}
