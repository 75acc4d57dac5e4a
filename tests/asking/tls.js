// A server that offers HTTP/2 and HTTP/1.1 over TLS: node tls.js PORT KEY CERT STATS. On SIGTERM it
// writes to STATS: connections, questions, those of them that came over HTTP/1.1.
const http2 = require('http2'), fs = require('fs')
const [port, key, cert, stats] = process.argv.slice(2)
let connections = 0, questions = 0, old = 0
const server = http2.createSecureServer({
    key: fs.readFileSync(key), cert: fs.readFileSync(cert), allowHTTP1: true
})
server.on('secureConnection', () => connections++)
server.on('request', (request, response) => {
    let n = 0
    request.on('data', bytes => { n += bytes.length })
    request.on('end', () => setTimeout(() => {
        const question = request.method === 'POST'
        questions += question
        old += question && request.httpVersion[0] === '1'
        response.statusCode = question ? 200 : 404
        response.end(question ? '{"choices":[{"message":{"content":"B"}}]}' : '{}')
    }, 10))
})
process.on('SIGTERM', () => {
    fs.writeFileSync(stats, `connections ${connections} questions ${questions} old ${old}\n`)
    process.exit(0)
})
server.listen(+port, '127.0.0.1', () => console.log('LISTENING'))
