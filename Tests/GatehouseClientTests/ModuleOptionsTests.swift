import GatehouseClient
import GatehouseControl
import GatehouseSystem
import GatehouseWire
import Testing

@Suite("The options of a pam_gatehouse line")
struct ModuleOptionsTests {
  @Test("without any: the values of the manual")
  func defaults() {
    let options = ModuleOptions()
    let socket = options.socket.bytes.array
    let service = options.service.bytes.array
    #expect(socket == Array("/run/gatehouse/gatehouse.sock".utf8))
    #expect(service.isEmpty)
    #expect(options.timeout == 2000)
    #expect(options.onError == .fail)
    #expect(options.local == .ignore)
    #expect(options.origin == .remoteHost)
    #expect(options.role.count == 0)
    #expect(options.network.count == 0)
    #expect(!options.judgesNoLogin)
    #expect(!options.quiet)
    #expect(!options.debug)
  }

  @Test("each, in one line")
  func each() {
    var options = ModuleOptions()
    let line = [
      "socket=/run/other.sock", "timeout=500", "onerr=succeed", "service=sshd", "local=ask",
      "quiet", "debug",
    ]
    #expect(take(line, into: &options).isEmpty)
    let socket = options.socket.bytes.array
    let service = options.service.bytes.array
    #expect(socket == Array("/run/other.sock".utf8))
    #expect(service == Array("sshd".utf8))
    #expect(options.timeout == 500)
    #expect(options.onError == .succeed)
    #expect(options.local == .ask)
    #expect(options.quiet)
    #expect(options.debug)
  }

  @Test("the bounds of timeout", arguments: [("timeout=50", 50), ("timeout=30000", 30000)])
  func timeoutBounds(option: String, expected: UInt32) {
    var options = ModuleOptions()
    #expect(take([option], into: &options).isEmpty)
    #expect(options.timeout == expected)
  }

  @Test("a path of the greatest length")
  func longestPath() {
    var options = ModuleOptions()
    let path = "/" + String(repeating: "p", count: SocketPath.limit - 1)
    #expect(take(["socket=" + path], into: &options).isEmpty)
    #expect(take(["socket=" + path + "p"]) == [.socket])
  }

  @Test(
    "what is not understood is a problem, with its name",
    arguments: [
      ("", OptionProblem.unknown), ("=", .unknown), ("tmieout=500", .unknown),
      ("TIMEOUT=500", .unknown), ("timeout =500", .unknown), (" quiet", .unknown),
      ("quiet ", .unknown), ("Role=admin", .unknown),
      ("socket", .socket), ("socket=", .socket), ("socket=run/x", .socket),
      ("socket=/a\0b", .socket),
      ("timeout", .timeout), ("timeout=", .timeout), ("timeout=49", .timeout),
      ("timeout=30001", .timeout), ("timeout=+500", .timeout), ("timeout=-500", .timeout),
      ("timeout=0500", .timeout), ("timeout= 500", .timeout), ("timeout=500ms", .timeout),
      ("timeout=0x1F4", .timeout), ("timeout=4294967796", .timeout), ("timeout=５００", .timeout),
      ("onerr", .onError), ("onerr=", .onError), ("onerr=Fail", .onError),
      ("onerr=succeed ", .onError), ("onerr=ignore", .onError),
      ("service", .service), ("service=", .service),
      ("local", .local), ("local=", .local), ("local=allow", .local), ("local=Ask", .local),
      ("origin", .origin), ("origin=", .origin), ("origin=Session", .origin),
      ("origin=host", .origin), ("role", .role), ("role=", .role), ("role=1st", .role),
      ("role=-a", .role), ("role=a,b", .role), ("role=a b", .role), ("role=é", .role),
      ("role=a\n", .role), ("network", .network), ("network=", .network),
      ("network=10.0.0.0/8", .network), ("network=2nd", .network), ("network=office ", .network),
      ("quiet=", .takesNoValue), ("quiet=1", .takesNoValue), ("debug=yes", .takesNoValue),
      ("factor=", .takesNoValue), ("factor=always", .takesNoValue), ("factors", .unknown),
      ("authorize=", .takesNoValue), ("authorize=yes", .takesNoValue), ("authorise", .unknown),
    ])
  func malformed(option: String, problem: OptionProblem) {
    #expect(take([option]) == [problem])
  }

  @Test("a service of the greatest length, and one byte more")
  func serviceLength() {
    #expect(take(["service=" + String(repeating: "s", count: 255)]) == [nil])
    #expect(take(["service=" + String(repeating: "s", count: 256)]) == [.service])
  }

  @Test("the origin from the session, or not", arguments: ["origin=session", "origin=rhost"])
  func origin(option: String) {
    var options = ModuleOptions()
    #expect(take([option], into: &options).isEmpty)
    #expect(options.origin == (option == "origin=session" ? .session : .remoteHost))
  }

  @Test("a role is asked for on the console too, unless local= says otherwise, in any order")
  func role() {
    func local(_ line: [String]) -> ModuleOptions.LocalLogin {
      var options = ModuleOptions()
      #expect(take(line, into: &options).isEmpty)
      let role = options.role.bytes.array
      #expect(role == Array("administrator".utf8))
      return options.local
    }
    #expect(local(["role=administrator"]) == .ask)
    #expect(local(["role=administrator", "local=ignore"]) == .ignore)
    #expect(local(["local=deny", "role=administrator"]) == .deny)
  }

  @Test("a network, with what it can stand beside")
  func network() {
    var options = ModuleOptions()
    let line = ["origin=session", "network=admin-desks_2", "quiet", "service=sshd", "timeout=100"]
    #expect(take(line, into: &options).isEmpty)
    let network = options.network.bytes.array
    #expect(network == Array("admin-desks_2".utf8))
    #expect(options.judgesNoLogin)
  }

  @Test(
    "several networks are kept as they are written",
    arguments: ["office,vpn", "self,local", "a,a", "a-1,_b,c"])
  func networks(names: String) {
    var options = ModuleOptions()
    #expect(take(["network=" + names], into: &options).isEmpty)
    #expect(options.network.bytes.array == Array(names.utf8))
  }

  @Test(
    "a name that a network cannot have is a problem among others, too",
    arguments: [
      ",", "office,", ",office", "office,,vpn", "office,2nd", "office, vpn", "office;vpn",
    ])
  func wrongNetworks(names: String) {
    #expect(take(["network=" + names]) == [.network])
  }

  @Test("so many networks as a question can hold")
  func manyNetworks() {
    let seven = Array(repeating: String(repeating: "n", count: 64), count: 7).joined(separator: ",")
    #expect(take(["network=" + seven + "," + String(repeating: "n", count: 57)]) == [nil])
    #expect(take(["network=" + seven + "," + String(repeating: "n", count: 58)]) == [.network])
  }

  @Test(
    "what has no meaning beside a network is a problem, in either order",
    arguments: ["role=a", "local=ask", "local=ignore", "onerr=fail", "onerr=succeed"])
  func networkAlone(option: String) {
    #expect(take(["network=office", option]) == [nil, .networkAlone])
    #expect(take([option, "network=office"]) == [nil, .networkAlone])
  }

  @Test("a line with a wrong network still asks for one")
  func wrongNetwork() {
    var options = ModuleOptions()
    #expect(take(["network=?"], into: &options) == ["network=?"])
    #expect(options.judgesNoLogin)
  }

  @Test("a second factor, with what it can stand beside")
  func factor() {
    var options = ModuleOptions()
    let line = ["origin=session", "factor", "quiet", "service=sshd", "timeout=100", "debug"]
    #expect(take(line, into: &options).isEmpty)
    #expect(options.factor && options.judgesNoLogin)
    #expect(!ModuleOptions().factor && !ModuleOptions().judgesNoLogin)
  }

  @Test(
    "what has no meaning beside a second factor is a problem, in either order",
    arguments: [
      "role=a", "local=ask", "local=ignore", "onerr=fail", "onerr=succeed", "network=office",
    ])
  func factorAlone(option: String) {
    #expect(take(["factor", option]) == [nil, .factorAlone])
    #expect(take([option, "factor"]) == [nil, .factorAlone])
  }

  @Test("a line with a wrong factor still judges no login")
  func wrongFactor() {
    var options = ModuleOptions()
    #expect(take(["factor=1"], into: &options) == ["factor=1"])
    #expect(options.judgesNoLogin && !options.factor)
  }

  @Test("a code, with what it can stand beside")
  func authorize() {
    var options = ModuleOptions()
    let line = ["origin=session", "authorize", "quiet", "service=sshd", "timeout=100", "debug"]
    #expect(take(line, into: &options).isEmpty)
    #expect(options.authorize && options.judgesNoLogin)
    #expect(!ModuleOptions().authorize)
  }

  @Test(
    "what has no meaning beside a code is a problem, in either order",
    arguments: [
      "role=a", "local=ask", "local=ignore", "onerr=fail", "onerr=succeed", "network=office",
      "factor",
    ])
  func authorizeAlone(option: String) {
    #expect(take(["authorize", option]) == [nil, .authorizeAlone])
    #expect(take([option, "authorize"]) == [nil, .authorizeAlone])
  }

  @Test("the longest name of a role or network", arguments: ["role=", "network="])
  func nameLength(option: String) {
    #expect(take([option + String(repeating: "r", count: 64)]) == [nil])
    #expect(take([option + String(repeating: "r", count: 65)]) != [nil])
  }

  @Test(
    "twice is a problem",
    arguments: ["quiet", "factor", "authorize", "debug", "timeout=500", "local=ask", "role=a"])
  func twice(option: String) {
    #expect(take([option, option]) == [nil, .twice])
  }

  @Test("those after a problem still count")
  func afterProblem() {
    var options = ModuleOptions()
    #expect(take(["wrong", "quiet"], into: &options) == ["wrong"])
    #expect(options.quiet)
  }

  /// What is wrong with each option, nil where nothing is.
  private func take(_ line: [String]) -> [OptionProblem?] {
    var options = ModuleOptions()
    return line.map { option in
      let bytes = Array(option.utf8)
      do throws(OptionProblem) { try options.take(bytes.span) } catch { return error }
      return nil
    }
  }

  /// Takes all options and gives those that were not understood.
  private func take(_ line: [String], into options: inout ModuleOptions) -> [String] {
    var refused: [String] = []
    for option in line {
      let bytes = Array(option.utf8)
      do throws(OptionProblem) { try options.take(bytes.span) } catch { refused.append(option) }
    }
    return refused
  }
}
