import GatehouseFeeds
import GatehouseFetch
import GatehousePlatform

// Asks one source for its addresses: FeedProgram says how it is spoken with.

guard CommandLine.arguments.count == 1 else {
  StandardStream.error.say(
    "gatehouse-fetch: takes no arguments; it is run by `gatehouse feeds refresh`\n")
  CurrentProcess.end(2)
}
CurrentProcess.endWithin(FeedRequest.longestFetch)
let reply: FeedReply
do {
  let input = try StandardStream.input(atMost: FeedRequest.mostBytes)
  reply = Fetcher.reply(to: try FeedRequest(decoding: input))
} catch {
  reply = .failure("the request to gatehouse-fetch cannot be read: \(error)")
}
do {
  try StandardStream.output.write(reply.encoded)
} catch {
  StandardStream.error.say("gatehouse-fetch: \(error)\n")
  CurrentProcess.endNow(1)
}
// Not `exit`: a thread may still wait for a resolver.
CurrentProcess.endNow(0)
