import GatehouseClient
import GatehouseControl
import GatehousePlatform
import GatehousePolicy
import GatehouseWire

/// A line of PAM's files that names the module.
struct ModuleLine {
  /// Where PAM's files are.
  static let folder = "/etc/pam.d"
  /// The module's file.
  static let module = "pam_gatehouse.so"

  /// The path of its file.
  let path: String
  /// The line as PAM reads it.
  let rule: PAMLine
  /// The options that the module understands.
  let options: ModuleOptions
  /// The options that it does not understand, and what is wrong with each.
  let problems: [(argument: String, phrase: StaticString)]

  /// Where the line is.
  var location: SourceLocation { SourceLocation(file: path, line: rule.line, column: 1) }
  /// The role that it asks for; nil if it asks for none.
  var role: Name? { Self.name(options.role) }
  /// The network that it asks about; nil if it asks about none.
  var network: Name? { Self.name(options.network) }
  /// The service that it asks as; nil if that is PAM's own.
  var service: Name? { Self.name(options.service) }

  /// The lines of the files whose names match a pattern of glob(7), in their order; a file that
  /// cannot be read has none.
  static func all(matching pattern: String = "*") -> [ModuleLine] {
    Files.matching("\(folder)/\(pattern)").flatMap { (try? all(in: $0)) ?? [] }
  }

  /// The lines of a file of at most 1 MiB.
  static func all(in path: String) throws(SystemError) -> [ModuleLine] {
    PAMLine.rules(in: try Files.content(of: path, atMost: 1 << 20))
      .filter { $0.module == module || $0.module.hasSuffix("/\(module)") }
      .map { ModuleLine($0, in: path) }
  }

  private init(_ rule: PAMLine, in path: String) {
    var options = ModuleOptions()
    var problems: [(argument: String, phrase: StaticString)] = []
    for argument in rule.arguments {
      do throws(OptionProblem) {
        try options.take(Array(argument.utf8).span)
      } catch {
        problems.append((argument, error.phrase))
      }
    }
    self.path = path
    self.rule = rule
    self.options = options
    self.problems = problems
  }

  private static func name<let limit: Int>(_ bytes: BoundedBytes<limit>) -> Name? {
    bytes.count > 0 ? Name(bytes: bytes.bytes.array) : nil
  }
}
