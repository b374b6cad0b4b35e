# lockstep in an image of its own, without Swift. --user: what it writes is yours; --init: Ctrl-C reaches it.
#
#   docker build -t lockstep .
#   docker run --rm --init --user "$(id -u):$(id -g)" -v "$PWD:/work" lockstep train configs/quickstart.yaml
FROM swift:6.2-bookworm AS build
COPY . /lockstep
RUN /lockstep/tools/install --prefix /installed

FROM debian:bookworm-slim
COPY --from=build /installed /usr/local
WORKDIR /work
# Nobody, where --user does not say who: nothing here needs root.
USER 65534:65534
ENTRYPOINT ["lockstep"]
