import Testing

@testable import GatehouseDaemon

struct OptionsTests {
  @Test func withoutArgumentsTheDefaultsServe() {
    #expect(Options.parse([]) == .serve(Options()))
  }

  @Test(arguments: [["--config", "/x", "--log", "stderr"], ["--config=/x", "--log=stderr"]])
  func anOptionTakesItsValueEitherWay(_ arguments: [String]) {
    var expected = Options()
    expected.config = "/x"
    expected.log = .stderr
    #expect(Options.parse(arguments) == .serve(expected))
  }

  @Test(arguments: [
    ["--nosuch"], ["extra"], ["--config"], ["--config="], ["--config", ""], ["--config", "etc"],
    ["--log=loud"], ["--socket=/" + String(repeating: "x", count: 107)], ["--help=no"],
    ["--boot-id=a b"],
  ])
  func misuseIsNamed(_ arguments: [String]) {
    guard case .misuse(let problem) = Options.parse(arguments) else {
      Issue.record("\(arguments) was taken")
      return
    }
    #expect(!problem.isEmpty)
  }

  @Test(arguments: ["--help", "-h", "--version"])
  func helpAndVersionArePrinted(_ argument: String) {
    guard case .print = Options.parse([argument]) else {
      Issue.record("\(argument) prints nothing")
      return
    }
  }
}
