import GatehouseControl
import GatehousePlatform
import TestKit
import Testing

@testable import GatehouseDaemon

@Suite("A history for the login record")
struct HistoryRequestTests {
  private let daemon: InProcessDaemon

  init() throws {
    daemon = try InProcessDaemon(policy: "{version: 1, everyone: {from: [anywhere]}}")
  }

  private func send(_ file: SealedMemoryFile?) throws -> SeqpacketSocket {
    let connection = try daemon.connect()
    connection.send(try HistoryRequest().frame(), attaching: file?.descriptor ?? -1)
    return connection
  }

  @Test("that is no login record, is not taken, and the record waits for another one")
  func damaged() throws {
    let file = try SealedMemoryFile(Array("gatehouse state\n, damaged".utf8))
    #expect(try send(file).receiveWithText().text.contains("unreadable"))
    let places = try daemon.connect()
    places.send(try PlacesRequest().frame())
    #expect(try places.receiveWithText().text.contains(#""hasHistory":false"#))
  }

  @Test("that does not come with the request, ends the connection and nothing else")
  func missing() throws {
    #expect(try send(nil).receive().isEmpty)
    #expect(try send(nil).receive().isEmpty)
  }
}
