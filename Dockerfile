# lockstep in an image of its own, without Swift:
#
#   docker build -t lockstep .
#   docker run --rm -v "$PWD:/work" lockstep train configs/quickstart.yaml
FROM swift:6.2-bookworm AS build
COPY . /lockstep
RUN /lockstep/tools/install --prefix /usr/local

FROM debian:bookworm-slim
COPY --from=build /usr/local /usr/local
WORKDIR /work
ENTRYPOINT ["lockstep"]
