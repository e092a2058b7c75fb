package org.holdfast.stores;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// One request and its answer, with what befalls them on the way. One thread owns it.
final class Exchange {
  private static final int BUFFER_BYTES = 16 << 10;

  private final FaultProxy proxy;
  private final Link client;
  private final HttpHead head;
  private final Request request;
  private final byte[] buffer = new byte[BUFFER_BYTES];
  private RawBody body;

  /// Whether the client has been told to send the body, if it waits for that.
  private boolean continued;

  private boolean ended;

  /// The request counts as under way from here.
  Exchange(FaultProxy proxy, Link client, HttpHead head) throws IOException {
    this.proxy = proxy;
    this.client = client;
    this.head = head;
    this.body = new RawBody(client.in(), head.requestBody());
    this.request = proxy.tally().begin(head);
  }

  /// Serves it; whether the client's connection can be used again.
  boolean serve(StoreLink store) throws IOException, InterruptedException {
    try {
      Weather.Fate fate = proxy.weather().fate(request.number());
      Optional<Hold> hold = proxy.requestHold(request);
      if (hold.isPresent()) {
        takeBody();
        hold.get().hold(request);
      }
      proxy.sleep(fate.latencyMillis());
      Fault fault = proxy.refusal(request).or(fate::fault).orElse(null);
      if (fault != null) {
        proxy.tally().befall(fault);
      }
      if (fault == Fault.RESET) {
        end();
        client.reset();
        return false;
      }
      if (fault != null && fault.isError()) {
        return refuse(fault);
      }
      return passOn(store, fault);
    } finally {
      end();
    }
  }

  /// Reads all of the body, so that the client is not needed any more.
  private void takeBody() throws IOException {
    if (head.expectsContinue()) {
      client.out().write("HTTP/1.1 100 Continue\r\n\r\n".getBytes(US_ASCII));
      continued = true;
    }
    ByteArrayOutputStream taken = new ByteArrayOutputStream();
    for (int read = body.read(buffer); read > 0; read = body.read(buffer)) {
      taken.write(buffer, 0, read);
    }
    body = new RawBody(new ByteArrayInputStream(taken.toByteArray()), head.requestBody());
  }

  private boolean refuse(Fault fault) throws IOException, InterruptedException {
    boolean keep = head.keepsAlive();
    if (head.expectsContinue() && !continued) {
      // Nobody can know whether the client sends the body.
      keep = false;
    } else {
      for (int read = body.read(buffer); read > 0; read = body.read(buffer)) {
        proxy.up().send(OutputStream.nullOutputStream(), buffer, read);
      }
    }
    byte[] answer = ErrorAnswer.of(fault, request, keep);
    proxy.down().send(client.out(), answer, answer.length, this::end);
    return keep;
  }

  private boolean passOn(StoreLink store, @Nullable Fault fault)
      throws IOException, InterruptedException {
    Link link = store.open();
    proxy.tally().passOn();
    link.out().write(head.raw());
    Upload upload = new Upload(body, proxy.up(), link);
    if (body.isAtEnd()) {
      upload.run();
    } else {
      proxy.spawn("upload", upload);
    }
    boolean keep = false;
    try {
      HttpHead answer = answer(link);
      Optional<Hold> hold = proxy.answerHold(request);
      if (hold.isPresent()) {
        hold.get().hold(request);
      }
      keep = giveBack(answer, link, fault) && isAtEnd(upload) && keepsAlive(answer);
    } finally {
      if (!keep) {
        // Ends the upload too, wherever it waits.
        client.close();
        store.close();
      }
      upload.join();
    }
    store.used();
    return true;
  }

  /// The store's answer; what it says before that is passed on.
  private HttpHead answer(Link link) throws IOException, InterruptedException {
    while (true) {
      HttpHead answer =
          HttpHead.read(link.in()).orElseThrow(() -> new EOFException("the store closed"));
      if (answer.status() >= 200) {
        return answer;
      }
      if (!continued) {
        continued = true;
        proxy.down().send(client.out(), answer.raw(), answer.raw().length);
      }
    }
  }

  /// Whether the client has all of it, and not the end of its connection.
  private boolean giveBack(HttpHead answer, Link link, @Nullable Fault fault)
      throws IOException, InterruptedException {
    if (fault == Fault.LOST_ANSWER) {
      end();
      client.reset();
      return false;
    }
    BodyLength length = answer.answerBody(request.method());
    RawBody answerBody = new RawBody(link.in(), length);
    if (fault == Fault.CUT) {
      cut(answer, length, answerBody);
      return false;
    }
    Lane lane = fault == Fault.DRIP ? proxy.drip() : proxy.down();
    boolean isBare = answerBody.isAtEnd();
    lane.send(client.out(), answer.raw(), answer.raw().length, isBare ? this::end : () -> {});
    for (int read = answerBody.read(buffer); read > 0; read = answerBody.read(buffer)) {
      boolean isLast = answerBody.isAtEnd();
      lane.send(client.out(), buffer, read, isLast ? this::end : () -> {});
    }
    end();
    return true;
  }

  /// Half of what there is; of chunks, the first one's frame and half of its data.
  private void cut(HttpHead answer, BodyLength length, RawBody answerBody)
      throws IOException, InterruptedException {
    byte[] raw = answer.raw();
    if (answerBody.isAtEnd()) {
      proxy.down().send(client.out(), raw, raw.length / 2, this::end);
      return;
    }
    proxy.down().send(client.out(), raw, raw.length);
    long left = length instanceof BodyLength.Fixed(long bytes) ? bytes / 2 : 0;
    if (length instanceof BodyLength.Chunked) {
      int frame = answerBody.read(buffer);
      proxy.down().send(client.out(), buffer, frame);
    }
    if (left == 0) {
      left = answerBody.read(buffer) / 2;
      proxy.down().send(client.out(), buffer, (int) left);
      return;
    }
    while (left > 0) {
      int read = (int) Math.min(left, answerBody.read(buffer));
      proxy.down().send(client.out(), buffer, read);
      left -= read;
    }
  }

  /// Waits until client and store have done with the body. Whether they have taken all of it.
  private boolean isAtEnd(Upload upload) {
    // A client that was never told to send the body may be about to, or not.
    return (continued || !head.expectsContinue() || upload.isDone()) && upload.join();
  }

  private boolean keepsAlive(HttpHead answer) throws IOException {
    return head.keepsAlive()
        && answer.keepsAlive()
        && !(answer.answerBody(request.method()) instanceof BodyLength.ToEnd);
  }

  private void end() {
    if (!ended) {
      ended = true;
      proxy.tally().end();
    }
  }
}
