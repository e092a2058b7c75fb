package org.holdfast.stores;

import static java.nio.charset.StandardCharsets.US_ASCII;

/// Errors as S3 answers them. Source: "Error Responses", Amazon S3 API Reference.
final class ErrorAnswer {
  private ErrorAnswer() {}

  /// The whole answer, head and body. An answer to HEAD has no body.
  static byte[] of(Fault fault, Request request, boolean keepAlive) {
    boolean internal = fault == Fault.INTERNAL_ERROR;
    String body =
        request.method().equals("HEAD")
            ? ""
            : """
            <?xml version="1.0" encoding="UTF-8"?>
            <Error><Code>%s</Code><Message>%s</Message><RequestId>%d</RequestId></Error>
            """
                .formatted(
                    internal ? "InternalError" : "SlowDown",
                    internal ? "Something went wrong. Try again." : "Too many requests.",
                    request.number());
    String head =
        """
        HTTP/1.1 %s
        x-amz-request-id: %d
        Content-Type: application/xml
        Content-Length: %d
        Connection: %s

        """
            .formatted(
                internal ? "500 Internal Server Error" : "503 Slow Down",
                request.number(),
                body.length(),
                keepAlive ? "keep-alive" : "close");
    return (head.replace("\n", "\r\n") + body).getBytes(US_ASCII);
  }
}
