import GatehouseClient
import GatehouseSystem
import GatehouseWire
import Glibc
import TestKit
import Testing

@Suite("A report and its text")
struct ReportTests {
  @Test("the text comes as a descriptor, whatever its size", arguments: [0, 5, 1_000_000])
  func text(size: Int) throws {
    let folder = try TemporaryDirectory("gatehouse-client")
    let text = String(repeating: "x", count: size)
    let file = try folder.write(text, to: "text")
    let daemon = try FakeDaemon { client, _ in
      _ = try? client.receive()
      // SAFETY: the path is a C string for the length of the call.
      let attached = unsafe open(file, O_RDONLY | O_CLOEXEC)
      client.send(bytes(.report(exitStatus: 3)), attaching: attached)
      close(attached)
    }
    let got = Reported(at: daemon.path)
    #expect(got.exitStatus == 3)
    #expect(got.text == Array(text.utf8))
    #expect(got.closesOnExec == true)
  }

  @Test("a report without its text is an error")
  func withoutText() throws {
    let daemon = try FakeDaemon.answering(bytes(.report(exitStatus: 0)))
    #expect(Reported(at: daemon.path).failure == .senseless(.missingField))
  }

  @Test("an answer is no report")
  func answer() throws {
    let daemon = try FakeDaemon.answering(allowed)
    #expect(Reported(at: daemon.path).failure == .senseless(.kind))
  }
}

/// What asking for a status gave.
private struct Reported {
  var exitStatus: UInt8?
  var text: [UInt8]?
  var closesOnExec: Bool?
  var failure: NoAnswer?

  init(at path: String) {
    let bytes = Array(path.utf8)
    guard let path = SocketPath(bytes.span) else { return }
    let request = Frame.status(.text)
    do throws(NoAnswer) {
      let report = try Daemon.report(
        on: request, at: path, deadline: Deadline(milliseconds: 5000))
      exitStatus = report.exitStatus
      text = try? readAll(report.text.rawValue, from: "report")
      closesOnExec = fcntl(report.text.rawValue, F_GETFD) & FD_CLOEXEC != 0
    } catch { failure = error }
  }
}
