import GatehouseDoors
import GatehousePAM
import GatehousePlatform

/// The machine that the command runs on, as `Doors` look at it.
final class ThisMachine: DoorMachine {
  let libpam: InstalledLibpam
  private let files: MachinePAMFiles
  private let memory: ProgramMemory?

  /// The machine as it is; or with another content of some files.
  /// - Parameters:
  ///   - changed: The content of files by their paths, in the place of what they have.
  ///   - memory: What programs said before; nil to ask them all.
  init(changed: [String: [UInt8]] = [:], memory: ProgramMemory? = nil) {
    self.memory = memory
    libpam = Self.findLibpam { Self.version(ofPackage: $0, memory) }
    files = MachinePAMFiles(changed: changed)
  }

  var pamFiles: any PAMFiles { files }
  var unreadable: [String: String] { files.unreadable }

  func names(in folder: String) -> [String] {
    memory?.look(at: folder)
    return (try? Files.names(in: folder)) ?? []
  }

  func file(at path: String) -> DoorFile {
    memory?.look(at: path)
    do throws(SystemError) {
      guard let bytes = try Files.contentIfPresent(of: path, atMost: 1 << 20) else {
        return .absent
      }
      return .text(String(decoding: bytes, as: UTF8.self))
    } catch {
      return .unreadable(error.reason)
    }
  }

  func place(ofProgram program: String) -> String? {
    Programs.find(program).flatMap(Files.resolved)
  }

  func run(_ program: String, _ arguments: [String]) -> ProgramOutput {
    guard let memory else { return runNow(program, arguments) }
    if let file = Programs.find(program) { memory.look(at: file) }
    return memory.output(of: [program] + arguments) { runNow(program, arguments) }
  }

  private func runNow(_ program: String, _ arguments: [String]) -> ProgramOutput {
    guard let file = Programs.find(program) else { return .absent }
    // A unit may name a program of a user, and run it as that user alone.
    guard !program.contains("/") || Files.isWritableByRootAlone(file) else {
      return .failed("it is not run, since others than root can write to it")
    }
    do throws(SystemError) {
      let result = try Programs.result(of: file, [file] + arguments, within: .seconds(10))
      let text = String(decoding: result.output, as: UTF8.self)
      switch result.ending {
      case .exited(0): return .text(text)
      case .exited, .signalled:
        return .failed(text.split(separator: "\n").last.map(String.init) ?? "it says nothing")
      case .timedOut: return .failed("it does not end")
      }
    } catch {
      return .failed(error.reason)
    }
  }

  func version(ofPackage name: String) -> String? { Self.version(ofPackage: name, memory) }

  private static func version(ofPackage name: String, _ memory: ProgramMemory?) -> String? {
    guard let memory else { return DebianPackages.version(of: name) }
    memory.look(at: DebianPackages.list)
    let output = memory.output(of: ["dpkg-query", name]) {
      DebianPackages.version(of: name).map { .text($0) } ?? .absent
    }
    if case .text(let version) = output { return version }
    return nil
  }

  /// Which libpam is installed, by what the package manager says.
  private static func findLibpam(_ version: (String) -> String?) -> InstalledLibpam {
    if DebianPackages.arePresent {
      let version = version("libpam0g")
      return InstalledLibpam(version: version, isDebian: true, source: "dpkg's libpam0g")
    }
    let arch = Files.matching("/var/lib/pacman/local/pam-[0-9]*").first
    if let version = arch?.split(separator: "/").last?.dropFirst("pam-".count) {
      return InstalledLibpam(version: String(version), isDebian: false, source: "pacman's pam")
    }
    if let rpm = Programs.find("rpm"),
      let result = try? Programs.result(
        of: rpm, [rpm, "-q", "--qf", "%{VERSION}", "pam"], within: .seconds(10)),
      result.ending == .exited(0)
    {
      return InstalledLibpam(
        version: String(decoding: result.output, as: UTF8.self), isDebian: false,
        source: "rpm's pam")
    }
    return InstalledLibpam(
      version: nil, isDebian: Files.exists("/etc/debian_version"), source: "not known, the newest")
  }
}

/// The packages that dpkg has installed.
enum DebianPackages {
  private static let program = Programs.find("dpkg-query")
  /// The list of the installed packages.
  static let list = "/var/lib/dpkg/status"

  /// Whether the machine has dpkg.
  static var arePresent: Bool { program != nil }

  /// The version of a package; nil if it is not installed, or dpkg does not say.
  static func version(of name: String) -> String? {
    guard let program,
      let result = try? Programs.result(
        of: program,
        [program, "--show", "--showformat", "${db:Status-Status} ${Version}\n", name],
        within: .seconds(10), takesErrors: false)
    else { return nil }
    // A line for each architecture that it is known for.
    return String(decoding: result.output, as: UTF8.self).split(separator: "\n")
      .first { $0.hasPrefix("installed ") }
      .map { String($0.dropFirst("installed ".count)) }
  }
}
