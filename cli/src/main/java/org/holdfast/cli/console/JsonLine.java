package org.holdfast.cli.console;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Collection;

/// One line of JSON for scripts. Its first field is `message_type`; fields may be added to a type,
/// never changed.
public final class JsonLine {
  private final StringWriter text = new StringWriter();
  private final JsonGenerator json;

  public JsonLine(String messageType) {
    try {
      json = new JsonFactory().createGenerator(text);
      json.writeStartObject();
      json.writeStringField("message_type", messageType);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public JsonLine with(String field, String value) {
    return add(() -> json.writeStringField(field, value));
  }

  public JsonLine with(String field, long value) {
    return add(() -> json.writeNumberField(field, value));
  }

  public JsonLine with(String field, boolean value) {
    return add(() -> json.writeBooleanField(field, value));
  }

  public JsonLine with(String field, Collection<String> values) {
    return add(() -> {
      json.writeArrayFieldStart(field);
      for (String value : values) {
        json.writeString(value);
      }
      json.writeEndArray();
    });
  }

  /// The line, without an end of line.
  public String end() {
    add(() -> {
      json.writeEndObject();
      json.close();
    });
    return text.toString();
  }

  private JsonLine add(Step step) {
    try {
      step.run();
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory does not fail", e);
    }
  }

  private interface Step {
    void run() throws IOException;
  }
}
