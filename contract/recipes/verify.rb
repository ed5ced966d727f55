# Verifies webhooks with the gem jwt, as a receiver in Ruby does. The cases come from the file that is named on the command line.
require 'digest'
require 'json'
require 'jwt'
require 'net/http'
require 'openssl'

given = JSON.parse(File.read(ARGV.fetch(0)))

KEYS = Hash.new do |known, kid|
  answer = Net::HTTP.post(URI("#{given['url']}/webhook_verification_key/get"),
                          { client_id: given['client_id'], secret: given['secret'], key_id: kid }.to_json,
                          'Content-Type' => 'application/json')
  raise "no key: #{JSON.parse(answer.body)['error_code']}" unless answer.is_a?(Net::HTTPSuccess)

  known[kid] = JWT::JWK.import(JSON.parse(answer.body)['key'].transform_keys(&:to_sym)).keypair
end

def verify(token, body, now)
  header = JSON.parse(JWT::Base64.url_decode(token.split('.').first))
  raise "alg is #{header['alg']}" unless header['alg'] == 'ES256'

  claims, = JWT.decode(token, KEYS[header['kid']], true, algorithms: ['ES256'])
  raise 'too old' if now - claims['iat'] > 5 * 60
  raise 'another body' unless Digest::SHA256.hexdigest(body) == claims['request_body_sha256']
end

given['cases'].each do |c|
  verify(c['token'], c['body'], c['now'])
  puts "#{c['name']}\taccepted"
rescue StandardError => e
  puts "#{c['name']}\trejected: #{e.message.lines.first}"
end
