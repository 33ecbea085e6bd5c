import GatehouseClient
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
      ("quiet ", .unknown), ("origin=session", .unknown), ("role=admin", .unknown),
      ("network=office", .unknown),
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
      ("quiet=", .takesNoValue), ("quiet=1", .takesNoValue), ("debug=yes", .takesNoValue),
    ])
  func malformed(option: String, problem: OptionProblem) {
    #expect(take([option]) == [problem])
  }

  @Test("a service of the greatest length, and one byte more")
  func serviceLength() {
    #expect(take(["service=" + String(repeating: "s", count: 255)]) == [nil])
    #expect(take(["service=" + String(repeating: "s", count: 256)]) == [.service])
  }

  @Test("twice is a problem", arguments: ["quiet", "debug", "timeout=500", "local=ask"])
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
