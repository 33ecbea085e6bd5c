import GatehouseControl
import GatehousePlatform
import TestKit
import Testing

@testable import GatehouseDaemon

/// What the daemon must know of the machine is read before a question that may depend on it, without a
/// call for each question.
@Suite("News that a question may depend on")
struct NewsOrderTests {
  /// What was handled, in its order.
  private final class Order {
    var events: [String] = []
  }

  @Test("that the loop finds in one look are handled before everything else")
  func first() throws {
    let loop = try EventLoop()
    let order = Order()
    let (question, news) = (try Mailbox<Void>(), try Mailbox<Void>())
    let sources = [
      try loop.onReadable(question.descriptor) {
        _ = question.take()
        order.events.append("question")
        loop.exit(0)
      },
      try loop.onReadable(news.descriptor, goesFirst: true) {
        _ = news.take()
        order.events.append("news")
      },
    ]
    question.post(())
    news.post(())
    _ = try withExtendedLifetime(sources) { try loop.run() }
    #expect(order.events == ["news", "question"])
  }

  @Test("are caught up with once, before the requests of whoever may have come after the look")
  func newer() throws {
    let folder = try TemporaryDirectory("gatehouse-news")
    let log = try LogCollector().makeLog()
    defer { log.close() }
    let loop = try EventLoop()
    let order = Order()
    let listener = try ListeningSocket.acquire(folder.file("socket"))
    let server = try Server(
      loop: loop, listener: listener, limit: 10, log: log,
      catchUp: { order.events.append("news") }
    ) { request, connection in
      order.events.append(String(decoding: request.array, as: UTF8.self))
      connection.close()
      if order.events.last == "3" { loop.exit(0) }
    }
    let clients = try (1...3).map { _ in try SeqpacketSocket(connectingTo: folder.file("socket")) }
    for (number, client) in clients.enumerated() { client.send(Array("\(number + 1)".utf8)) }
    _ = try withExtendedLifetime((server, clients)) { try loop.run() }
    #expect(order.events == ["1", "news", "2", "3"])
  }

  @Test("are caught up with before any request that a stopping daemon still accepts")
  func stopping() throws {
    let folder = try TemporaryDirectory("gatehouse-news")
    let log = try LogCollector().makeLog()
    defer { log.close() }
    let order = Order()
    let server = try Server(
      loop: EventLoop(), listener: ListeningSocket.acquire(folder.file("socket")), limit: 10,
      log: log, catchUp: { order.events.append("news") }
    ) { _, connection in
      order.events.append("request")
      connection.close()
    }
    let client = try SeqpacketSocket(connectingTo: folder.file("socket"))
    client.send([1])
    server.stop { order.events.append("empty") }
    #expect(order.events == ["news", "request", "empty"])
  }
}
